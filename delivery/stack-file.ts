import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { ENVIRONMENT_KEY, RELEASE_KEY, STACKS_FOLDER, stackFileOf, stackOfFile } from "../config/naming.ts";
import { nearest } from "../config/nearest.ts";
import { parseYaml } from "../config/yaml-file.ts";
import { Failure } from "./failure.ts";
import type { Releases } from "./releases.ts";
import { writeBeside } from "./write-beside.ts";
import { deleteInText, getInText, setInText, YamlEditError } from "./yaml-edit.ts";

const RELEASE = ["config", RELEASE_KEY];
const SERVICES = ["config", ENVIRONMENT_KEY, "services"];

/** @throws Failure that lists the existing stacks, or names the fault in the file. */
export function readStackFile(root: string, stack: string): string {
  const file = join(root, stackFileOf(stack));
  if (!existsSync(file)) {
    const stacks = listStacks(root);
    const meant = nearest(stack, stacks);
    throw new Failure(
      `There is no stack ${stack}: ${stackFileOf(stack)} does not exist. Available stacks: ${stacks.join(", ") || "none"}.` +
        (meant ? ` Did you mean ${meant}?` : ""),
    );
  }
  const text = readFileSync(file, "utf8");
  const [fault] = parseYaml(stackFileOf(stack), text).errors;
  if (fault) throw new Failure(`${fault} Fix the file.`);
  return text;
}

/** The stacks that have a file. */
export function listStacks(root: string): string[] {
  const files = existsSync(join(root, STACKS_FOLDER)) ? readdirSync(join(root, STACKS_FOLDER)) : [];
  return files.flatMap((name) => stackOfFile(name) ?? []).sort();
}

export function writeStackFile(root: string, stack: string, text: string): void {
  writeBeside(join(root, stackFileOf(stack)), stackFileOf(stack), text);
}

/** The releases that a stack's file sets. */
export function readReleases(text: string): Releases {
  const config = parse(text)?.config;
  const tags = Object.entries(servicesIn<{ tag?: unknown }>(config)).flatMap(([name, service]) =>
    service?.tag === undefined ? [] : [[name, String(service.tag)]],
  );
  return { release: String(config?.[RELEASE_KEY] ?? ""), tags: Object.fromEntries(tags) };
}

/** The file's text with these releases; every other character stays. @throws Failure if it is not a stack's file. */
export function setReleases(text: string, stack: string, { release, tags }: Releases): string {
  return editText(stack, () => {
    const before = readReleases(text);
    let edited = release === before.release ? text : setInText(text, RELEASE, release);
    for (const name of Object.keys(before.tags))
      if (!Object.hasOwn(tags, name)) edited = deleteInText(edited, [...SERVICES, name, "tag"]);
    for (const [name, tag] of Object.entries(tags)) {
      if (before.tags[name] !== tag) edited = setInText(edited, [...SERVICES, name, "tag"], tag);
    }
    return edited;
  });
}

/** The file's text with `restartedAt` set for these services. @throws Failure if it is not a stack's file. */
export function setRestartedAt(text: string, stack: string, services: readonly string[], at: string): string {
  return editText(stack, () =>
    services.reduce((edited, name) => setInText(edited, [...SERVICES, name, "restartedAt"], at), text),
  );
}

/**
 * The file's text with the releases of another copy of the file, and its restarts if they are newer. @throws Failure if it is not a
 * stack's file.
 */
export function copyRecord(text: string, stack: string, copy: string): string {
  const restarts = Object.entries(servicesIn<{ restartedAt?: unknown }>(parse(copy)?.config));
  return restarts.reduce(
    (edited, [name, service]) => {
      const at = service?.restartedAt === undefined ? "" : String(service.restartedAt);
      const known = getInText(edited, [...SERVICES, name, "restartedAt"]) ?? "";
      return at > known ? setRestartedAt(edited, stack, [name], at) : edited;
    },
    setReleases(text, stack, readReleases(copy)),
  );
}

/**
 * Applies the change of a record to a text that may have other changes: every release and restart that differs between `from` and
 * `to` is set as in `to` where the text still says what `from` says. To take a change back, swap the two.
 *
 * @throws Failure if it is not a stack's file.
 */
export function applyChange(text: string, stack: string, { from, to }: { from: string; to: string }): string {
  if (text === from) return to;
  return editText(stack, () => {
    const [before, after, current] = [readRecord(from), readRecord(to), readRecord(text)];
    const keys = [...new Set([...before.keys(), ...after.keys()])];
    return keys.reduce((edited, key) => {
      const value = after.get(key);
      if (before.get(key) === value || current.get(key) !== before.get(key)) return edited;
      const path = JSON.parse(key) as string[];
      return value === undefined ? deleteInText(edited, path) : setInText(edited, path, value);
    }, text);
  });
}

/** The values that a record may set, by their path as JSON. */
function readRecord(text: string): Map<string, string> {
  const config = parse(text)?.config;
  const record = new Map<string, string>();
  const add = (path: string[], value: unknown) => {
    if (value !== undefined && value !== null) record.set(JSON.stringify(path), String(value));
  };
  add(RELEASE, config?.[RELEASE_KEY]);
  for (const [name, service] of Object.entries(servicesIn<Record<string, unknown>>(config))) {
    for (const field of ["tag", "restartedAt"]) add([...SERVICES, name, field], service?.[field]);
  }
  return record;
}

function servicesIn<T>(
  config: Record<string, { services?: Record<string, T | null> }> | undefined,
): Record<string, T | null> {
  return config?.[ENVIRONMENT_KEY]?.services ?? {};
}

function editText(stack: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof YamlEditError || error instanceof YAMLParseError)) throw error;
    throw new Failure(
      `${stackFileOf(stack)}: ${error.message.split("\n")[0]}; the release cannot be written into it. Fix the file.`,
    );
  }
}
