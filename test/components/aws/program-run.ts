import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";
import { parse } from "yaml";
import { merge } from "../../../config/merge.ts";
import { registryOf, serve } from "../images/registry-server.ts";
import { resolved } from "./declared.ts";
import { accountFunctions, createdProperties, type Functions } from "./lookup/fake-account.ts";

const root = join(import.meta.dirname, "../../..");
/** Value of each of the stack's secrets. */
export const SECRET = "hunter2";
const SERVICES = ["web", "api", "orders", "worker"];
const IMAGE_DIGEST = `sha256:${"a".repeat(64)}`;

/** A resource that the program declared. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** URN and id of its provider, `urn::id`. */
  provider: string;
  /** Arguments of its constructor, with outputs still as outputs. */
  props: Record<string, unknown>;
  opts: pulumi.CustomResourceOptions & { parent?: pulumi.Resource };
}

export interface Situation {
  stack: "dev" | "prod";
  /** Merged over the stack's own `slipway:environment`. */
  environment?: object;
  /** Functions with another result than the fake account's. */
  functions?: Functions;
  /** Outputs of the last update. @default none, as before the first update */
  lastOutputs?: Record<string, unknown>;
  /** Services whose release the registry holds. @default all */
  pushed?: readonly string[];
}

export interface Run {
  declared: Declared[];
  /** Functions that the program called. */
  calls: { token: string; provider: string }[];
  /** What the program exports. */
  outputs: Record<string, unknown>;
  /** Error that ended the program. */
  error?: Error;
}

/** Runs index.ts with a stack's real files, as the preview of its first update. Only one run at a time. */
export async function runProgram(situation: Situation): Promise<Run> {
  const { stack, pushed = SERVICES } = situation;
  const config = configOf(situation);
  const release = config["slipway:release"];
  const tags = pushed.map((service) => [`shop:${service}-${release}`, IMAGE_DIGEST]);
  const registry = await serve(registryOf(Object.fromEntries(tags)));
  const functions = { ...accountFunctions(registry.address), ...situation.functions };
  const constructed = new Map<string, Pick<Declared, "props" | "opts">>();
  const run: Run = { declared: [], calls: [], outputs: {} };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider = "" }) => {
        const { props = {}, opts = {} } = constructed.get(`${type} ${name}`) ?? {};
        run.declared.push({ type, name, inputs, provider, props, opts });
        const state = createdProperties(type, name, inputs);
        const isLast = type === "pulumi:pulumi:StackReference";
        return { id: `${name}-id`, state: isLast ? { ...state, outputs: situation.lastOutputs ?? {} } : state };
      },
      call: ({ token, inputs, provider = "" }) => {
        run.calls.push({ token, provider });
        const result = functions[token];
        if (result === undefined) throw new Error(`The fake account has no function ${token}.`);
        return withEngineError(token, () => result(inputs));
      },
    },
    "slipway",
    stack,
    true,
    "organization",
  );
  const secrets = Object.keys(config).filter((key) => key.startsWith("slipway:secret."));
  pulumi.runtime.setAllConfig(config, secrets);
  // Loading the module runs the program, so every run needs a fresh one.
  vi.resetModules();
  const outputs = await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      if (constructed.has(`${type} ${name}`)) throw new Error(`${type} ${name} is declared twice`);
      constructed.set(`${type} ${name}`, { props, opts });
      return { props, opts };
    });
    return import("../../../index.ts").catch((error: Error) => {
      run.error = error;
    });
  });
  run.outputs = (await resolved(pulumi.output(outputs))) as Record<string, unknown>;
  // Resources are registered in the background.
  await pulumi.runtime.disconnect();
  await registry.close();
  return run;
}

/** The config that the engine passes to the program: the stack's file, with its secrets decrypted. */
function configOf({ stack, environment = {} }: Situation): Record<string, string> {
  const file = readFileSync(join(root, `stacks/Pulumi.${stack}.yaml`), "utf8");
  const { config } = parse(file) as { config: Record<string, unknown> };
  const merged = { ...config, "slipway:environment": merge(config["slipway:environment"], environment) };
  return Object.fromEntries(
    Object.entries(merged).map(([key, value]) => {
      if (typeof value === "string") return [key, value];
      return [key, isEncrypted(value) ? SECRET : JSON.stringify(value)];
    }),
  );
}

/** Type and name of a resource, unique in a program. */
export async function identityOf(resource: pulumi.Resource): Promise<string> {
  const [, , types = "", name] = (await resolved(resource.urn)).split("::");
  return `${types.split("$").at(-1)} ${name}`;
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

/** Wraps a function's error as the engine does. */
function withEngineError<T>(token: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const details = `invocation of ${token} returned an error: ${(error as Error).message}`;
    throw Object.assign(new Error(details), { details });
  }
}
