import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument, YAMLParseError } from "yaml";
import { Failure } from "./failure.ts";
import type { Releases } from "./releases.ts";
import { deleteInText, getInText, setInText, YamlEditError } from "./yaml-edit.ts";

const RELEASE = ["config", "slipway:release"];
const SERVICES = ["config", "slipway:environment", "services"];

/** Path of a stack's file, relative to the project. */
export function stackFilePath(stack: string): string {
  return `stacks/Pulumi.${stack}.yaml`;
}

/** @throws Failure that lists the existing stacks, or names the fault in the file. */
export function readStackFile(root: string, stack: string): string {
  const file = join(root, stackFilePath(stack));
  if (!existsSync(file)) {
    throw new Failure(
      `--stack ${stack}: ${stackFilePath(stack)} does not exist. Existing stacks: ${listStacks(root).join(", ") || "none"}.`,
    );
  }
  const text = readFileSync(file, "utf8");
  const [fault] = parseDocument(text).errors;
  if (fault) throw new Failure(`${stackFilePath(stack)}: ${fault.message.split("\n")[0]} Fix the file.`);
  return text;
}

function listStacks(root: string): string[] {
  const files = existsSync(join(root, "stacks")) ? readdirSync(join(root, "stacks")) : [];
  return files.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
}

export function writeStackFile(root: string, stack: string, text: string): void {
  writeFileSync(join(root, stackFilePath(stack)), text);
}

/** The releases that a stack's file sets. */
export function readReleases(text: string): Releases {
  const tags = Object.entries(servicesIn<{ tag?: unknown }>(text)).flatMap(([name, service]) =>
    service?.tag === undefined ? [] : [[name, String(service.tag)]],
  );
  return { release: getInText(text, RELEASE) ?? "", tags: Object.fromEntries(tags) };
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
  const restarts = Object.entries(servicesIn<{ restartedAt?: unknown }>(copy));
  return restarts.reduce(
    (edited, [name, service]) =>
      service?.restartedAt === undefined ||
      getInText(edited, [...SERVICES, name, "restartedAt"]) === String(service.restartedAt)
        ? edited
        : setRestartedAt(edited, stack, [name], String(service.restartedAt)),
    setReleases(text, stack, readReleases(copy)),
  );
}

function servicesIn<T>(text: string): Record<string, T | null> {
  return parse(text)?.config?.["slipway:environment"]?.services ?? {};
}

function editText(stack: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof YamlEditError || error instanceof YAMLParseError)) throw error;
    throw new Failure(
      `${stackFilePath(stack)}: ${error.message.split("\n")[0]}; the release cannot be written into it. Fix the file.`,
    );
  }
}
