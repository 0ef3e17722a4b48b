import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { Failure } from "../failure.ts";
import { isUnknownStack, queryEngine } from "./run.ts";

/** A resource in the state: https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/apitype/core.go */
export interface StateResource {
  urn: string;
  type: string;
  /** A provider manages it, or it is one. Components are not. @default false */
  custom?: boolean;
  /** URN and id of its provider. */
  provider?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface Login {
  exec?: { command?: string; args?: string[]; env?: unknown[] | null };
  "auth-provider"?: unknown;
}

interface StateExport {
  deployment?: { resources?: StateResource[]; pending_operations?: { resource: StateResource }[] } | null;
}

/** Packages of Pulumi that are no provider's. The engine itself (`pulumi`) is in every state, with stacks and providers. */
const WITHOUT_PROVIDER = ["policy"];
/** Packages whose providers the program declares. */
const DECLARED = new Set(
  Object.keys(packageJson.dependencies)
    .flatMap((name) => /^@pulumi\/(.+)$/.exec(name)?.[1] ?? [])
    .filter((name) => !WITHOUT_PROVIDER.includes(name)),
);
/** Inputs of a provider that make the engine run another plugin than the package's own, at the top or in `__internal`. */
const OTHER_PLUGIN = ["pluginDownloadURL", "parameterization", "pluginChecksums"];
const PROVIDER_TYPE = /^pulumi:providers:(.+)$/;

/**
 * Refuses a state with a provider that the program does not declare. Before the engine asks the program anything, it installs and
 * starts the plugin of every provider in the state, with the credentials of the update. So whoever can write the state could run a
 * program of theirs: https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/engine/plugins.go
 *
 * @throws Failure that names each of them, or if the state cannot be read.
 */
export async function refuseUndeclaredProviders(root: string, stack: string): Promise<void> {
  const state = await queryEngine<StateExport | null>(root, stack, ["stack", "export"]).catch((error: unknown) => {
    if (isUnknownStack(error)) return null;
    throw error;
  });
  const faults = undeclaredProviders(state ?? {});
  if (faults.length === 0) return;
  throw new Failure(
    `The state of ${stack} has providers that this program does not declare. The engine would install and run them:\n` +
      `${faults.map((fault) => `  - ${fault}`).join("\n")}\n` +
      `Nothing was run. Declared are: ${[...DECLARED].filter((name) => name !== "pulumi").join(", ")}. Find out who wrote this: ` +
      "docs/runbooks/foreign-state.md",
  );
}

/** What a state would make the engine run that the program does not, one line each. */
export function undeclaredProviders({ deployment }: StateExport): string[] {
  const { resources = [], pending_operations: pending = [] } = deployment ?? {};
  const all = [...resources, ...pending.map(({ resource }) => resource)];
  return [...new Set(all.flatMap(faultsOf))];
}

function faultsOf({ urn, type, custom, provider = "", inputs = {}, outputs = {} }: StateResource): string[] {
  const [, provided] = PROVIDER_TYPE.exec(type) ?? [];
  // Its own package, and that of the provider that it names: they need not be the same.
  const packages = [...(custom ? [provided ?? type.split(":")[0] ?? ""] : []), ...providersIn(provider)];
  const unknown = packages.filter((name) => !DECLARED.has(name)).map((name) => `${urn}: the provider ${name}`);
  if (provided === undefined) return unknown;
  const values = [inputs, outputs, inputs.__internal, outputs.__internal].filter(isObject);
  const plugins = OTHER_PLUGIN.filter((key) => values.some((value) => key in value));
  return [
    ...unknown,
    ...plugins.map((key) => `${urn}: ${key}`),
    ...values.flatMap(({ kubeconfig }) => loginsIn(kubeconfig)).map((login) => `${urn}: a kubeconfig with ${login}`),
  ];
}

function providersIn(reference: string): string[] {
  return [...reference.matchAll(/pulumi:providers:([^:$]+)/g)].map(([, name]) => name ?? "");
}

/**
 * The logins in a kubeconfig that run a command other than the program's own, `aws eks get-token`. The kubeconfig of an existing
 * cluster is not in the state, only its path.
 */
function loginsIn(kubeconfig: unknown): string[] {
  if (typeof kubeconfig !== "string") return [];
  const users = (parse(kubeconfig) as { users?: { user?: Login }[] } | null)?.users ?? [];
  return users.flatMap(({ user }) => {
    if (user?.["auth-provider"]) return ["an auth-provider"];
    const { command, args = [], env } = user?.exec ?? {};
    const isOurs = command === "aws" && args[0] === "eks" && args[1] === "get-token" && !env?.length;
    return user?.exec === undefined || isOurs ? [] : [`the command ${JSON.stringify(command)}`];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
