import { dotted } from "../../config/fault.ts";
import { secretKey } from "../../config/naming.ts";
import { redact } from "../secrets.ts";
import type { Fields, Place } from "./fields.ts";

/** Something that a person has to look at. */
export interface Finding {
  /** leftOut: not carried over. check: carried over, but not exactly as it was. */
  kind: "leftOut" | "check";
  /** Where the environments have it. */
  files: string[];
  /** Such as Deployment api. */
  object: string;
  path: string;
  /** The value, shortened. Not there if it may be secret. */
  given?: string;
  /** What to do. */
  advice: string;
  /** Environments in which it is so. Empty if none were named. */
  environments: string[];
}

/** A secret that somebody has to set. */
export interface SecretToSet {
  service: string;
  /** Name of the secret in the service's fields. */
  name: string;
  /** Where its value is now. */
  from: string;
  environments: string[];
}

const MOST_CHARACTERS = 80;

/** What one environment's manifests have that could not be carried over as it is. */
export class Findings {
  readonly findings: Finding[] = [];
  readonly secrets: SecretToSet[] = [];
  /** Names of objects without what only this environment adds to them. */
  nameOf: (name: string) => string = (name) => name;
  private readonly environment: string | undefined;

  constructor(environment: string | undefined) {
    this.environment = environment;
  }

  /** Lists a field that was not carried over, and counts it as read. */
  leaveOut(fields: Fields, advice: string, { isSecret = false } = {}): void {
    const value = fields.take();
    this.add("leftOut", fields.place(), advice, isSecret ? undefined : value);
  }

  check(place: Place, advice: string, value?: unknown): void {
    this.add("check", place, advice, value);
  }

  add(kind: Finding["kind"], { file, object, path }: Place, advice: string, value?: unknown): void {
    const given = value === undefined ? {} : { given: shown(value) };
    const environments = this.environment === undefined ? [] : [this.environment];
    const [of, name = ""] = object.split(" ");
    const known = `${of} ${this.nameOf(name)}`;
    this.findings.push({ kind, files: [file], object: known, path: dotted(path), ...given, advice, environments });
  }

  secret(service: string, name: string, from: string): void {
    const environments = this.environment === undefined ? [] : [this.environment];
    this.secrets.push({ service, name, from, environments });
  }
}

function shown(value: unknown): string {
  const text = redact(JSON.stringify(value) ?? "");
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

/** The same findings of several environments as one, in their order. */
export function together<T extends { environments: string[]; files?: string[] }>(all: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const { environments, files, ...rest } = one;
    const key = JSON.stringify(rest);
    const before = found.get(key);
    found.set(key, {
      ...one,
      ...(files && { files: [...new Set([...(before?.files ?? []), ...files])] }),
      environments: [...new Set([...(before?.environments ?? []), ...environments])],
    });
  }
  return [...found.values()];
}

/** The commands that set a secret, one for each environment. */
export function secretCommands({ service, name, environments }: SecretToSet): string[] {
  const stacks = environments.length === 0 ? ["<stack>"] : environments;
  return stacks.map((stack) => `pulumi config set --stack ${stack} --secret ${secretKey(service, name)}`);
}
