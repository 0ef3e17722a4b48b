import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";
import { parse } from "yaml";
import { merge } from "../../../config/merge.ts";
import { registryOf, serve } from "../images/registry-server.ts";
import { resolved } from "./declared.ts";
import { accountFunctions, type Functions, made } from "./lookup/fake-account.ts";

const root = join(import.meta.dirname, "../../..");
/** What each of the stack's secrets is. */
export const SECRET = "hunter2";
const SERVICES = ["web", "api", "orders", "worker"];
const IMAGE_DIGEST = `sha256:${"a".repeat(64)}`;

/** A resource as the program declared it. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** URN and id of the provider that it goes through, `urn::id`. */
  provider: string;
  /** As given to its constructor: outputs are still outputs. */
  props: Record<string, unknown>;
  opts: pulumi.CustomResourceOptions & { parent?: pulumi.Resource };
}

export interface Situation {
  stack: "dev" | "prod";
  /** Merged over the stack's own `slipway:environment`. */
  environment?: object;
  /** Functions that the account answers otherwise. */
  functions?: Functions;
  /** Services whose release the registry holds. @default all */
  pushed?: readonly string[];
}

export interface Run {
  declared: Declared[];
  /** Functions that it called. */
  calls: { token: string; provider: string }[];
  /** What the program exports. */
  outputs: Record<string, unknown>;
  /** Why it did not come to its end. */
  error?: Error;
}

/** Runs index.ts for a stack's real files, as the preview of its first update. One run at a time. */
export async function runProgram(situation: Situation): Promise<Run> {
  const { stack, pushed = SERVICES } = situation;
  const config = configOf(situation);
  const release = config["slipway:release"];
  const tags = pushed.map((service) => [`shop:${service}-${release}`, IMAGE_DIGEST]);
  const registry = await serve(registryOf(Object.fromEntries(tags)));
  const functions = { ...accountFunctions(registry.address), ...situation.functions };
  const asked = new Map<string, Pick<Declared, "props" | "opts">>();
  const run: Run = { declared: [], calls: [], outputs: {} };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider = "" }) => {
        const { props = {}, opts = {} } = asked.get(`${type} ${name}`) ?? {};
        run.declared.push({ type, name, inputs, provider, props, opts });
        return { id: `${name}-id`, state: made(type, name, inputs) };
      },
      call: ({ token, inputs, provider = "" }) => {
        run.calls.push({ token, provider });
        const answer = functions[token];
        if (answer === undefined) throw new Error(`the account knows no function ${token}`);
        return answeredByEngine(token, () => answer(inputs));
      },
    },
    "slipway",
    stack,
    true,
    "organization",
  );
  const secrets = Object.keys(config).filter((key) => key.startsWith("slipway:secret."));
  pulumi.runtime.setAllConfig(config, secrets);
  // The program is its module: to run it again is to load it again.
  vi.resetModules();
  const outputs = await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      if (asked.has(`${type} ${name}`)) throw new Error(`${type} ${name} is declared twice`);
      asked.set(`${type} ${name}`, { props, opts });
      return { props, opts };
    });
    return import("../../../index.ts").catch((error: Error) => {
      run.error = error;
    });
  });
  run.outputs = (await resolved(pulumi.output(outputs))) as Record<string, unknown>;
  // Registration goes on in the background.
  await pulumi.runtime.disconnect();
  await registry.close();
  return run;
}

/** What the engine hands the program: the stack's file, with its secrets decrypted. */
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

/** Type and name of a resource, which no other of a program has. */
export async function identityOf(resource: pulumi.Resource): Promise<string> {
  const [, , types = "", name] = (await resolved(resource.urn)).split("::");
  return `${types.split("$").at(-1)} ${name}`;
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

/** A function's error as it comes from the engine. */
function answeredByEngine<T>(token: string, answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    const details = `invocation of ${token} returned an error: ${(error as Error).message}`;
    throw Object.assign(new Error(details), { details });
  }
}
