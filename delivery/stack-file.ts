import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument, YAMLParseError } from "yaml";
import { ENVIRONMENT_KEY, RELEASE_KEY, STACKS_FOLDER, stackFileOf, stackOfFile } from "../config/naming.ts";
import { nearest } from "../config/nearest.ts";
import { Failure } from "./failure.ts";
import type { Releases } from "./releases.ts";
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
      `--stack ${stack}: ${stackFileOf(stack)} does not exist. Available stacks: ${stacks.join(", ") || "none"}.` +
        (meant ? ` Did you mean ${meant}?` : ""),
    );
  }
  const text = readFileSync(file, "utf8");
  const [fault] = parseDocument(text).errors;
  if (fault) throw new Failure(`${stackFileOf(stack)}: ${fault.message.split("\n")[0]} Fix the file.`);
  return text;
}

/** The stacks that have a file. */
export function listStacks(root: string): string[] {
  const files = existsSync(join(root, STACKS_FOLDER)) ? readdirSync(join(root, STACKS_FOLDER)) : [];
  return files.flatMap((name) => stackOfFile(name) ?? []).sort();
}

export function writeStackFile(root: string, stack: string, text: string): void {
  writeFileSync(join(root, stackFileOf(stack)), text);
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
      if (!(name in tags)) edited = deleteInText(edited, [...SERVICES, name, "tag"]);
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

/** The file's text with the releases and restarts of another copy of the file. @throws Failure if it is not a stack's file. */
export function copyRecord(text: string, stack: string, copy: string): string {
  const restarts = Object.entries(servicesIn<{ restartedAt?: unknown }>(parse(copy)?.config));
  return restarts.reduce(
    (edited, [name, service]) =>
      service?.restartedAt === undefined ||
      getInText(edited, [...SERVICES, name, "restartedAt"]) === String(service.restartedAt)
        ? edited
        : setRestartedAt(edited, stack, [name], String(service.restartedAt)),
    setReleases(text, stack, readReleases(copy)),
  );
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
