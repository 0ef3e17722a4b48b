import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument, YAMLParseError } from "yaml";
import { Failure } from "./failure.ts";
import { deleteInText, getInText, setInText, YamlEditError } from "./yaml-edit.ts";

/** What a stack's file says is to run. */
export interface Releases {
  /** `slipway:release` */
  release: string;
  /** Services with a release of their own, in place of that. */
  tags: Record<string, string>;
}

const RELEASE = ["config", "slipway:release"];
const SERVICES = ["config", "slipway:environment", "services"];

/** Path of a stack's file, relative to the project. */
export function stackFilePath(stack: string): string {
  return `stacks/Pulumi.${stack}.yaml`;
}

/** @throws Failure that names the stacks there are, or says what is wrong with the file. */
export function readStackFile(root: string, stack: string): string {
  const file = join(root, stackFilePath(stack));
  if (!existsSync(file)) {
    throw new Failure(
      `--stack ${stack}: ${stackFilePath(stack)} does not exist. There are the stacks ${stacksIn(root).join(", ") || "of no file"}.`,
    );
  }
  const text = readFileSync(file, "utf8");
  const [fault] = parseDocument(text).errors;
  if (fault) throw new Failure(`${stackFilePath(stack)}: ${fault.message.split("\n")[0]} Mend the file.`);
  return text;
}

function stacksIn(root: string): string[] {
  const files = existsSync(join(root, "stacks")) ? readdirSync(join(root, "stacks")) : [];
  return files.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
}

export function writeStackFile(root: string, stack: string, text: string): void {
  writeFileSync(join(root, stackFilePath(stack)), text);
}

export function readReleases(text: string): Releases {
  const services = parse(text)?.config?.["slipway:environment"]?.services ?? {};
  const tags = Object.entries(services as Record<string, { tag?: unknown } | null>).flatMap(([name, service]) =>
    service?.tag === undefined ? [] : [[name, String(service.tag)]],
  );
  return { release: getInText(text, RELEASE) ?? "", tags: Object.fromEntries(tags) };
}

/** The file with these releases, and every other character as it was. @throws Failure if it is no stack's file. */
export function setReleases(text: string, stack: string, { release, tags }: Releases): string {
  return edit(stack, () => {
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

/** The file with another `restartedAt` of these services. @throws Failure if it is no stack's file. */
export function setRestartedAt(text: string, stack: string, services: readonly string[], at: string): string {
  return edit(stack, () =>
    services.reduce((edited, name) => setInText(edited, [...SERVICES, name, "restartedAt"], at), text),
  );
}

/** The file with the releases and restarts of another copy of it. @throws Failure if it is no stack's file. */
export function copyRecord(text: string, stack: string, copy: string): string {
  const services = parse(copy)?.config?.["slipway:environment"]?.services ?? {};
  const restarts = Object.entries(services as Record<string, { restartedAt?: unknown } | null>);
  return restarts.reduce(
    (edited, [name, service]) =>
      service?.restartedAt === undefined ||
      getInText(edited, [...SERVICES, name, "restartedAt"]) === String(service.restartedAt)
        ? edited
        : setRestartedAt(edited, stack, [name], String(service.restartedAt)),
    setReleases(text, stack, readReleases(copy)),
  );
}

/** The releases with another one for some services, or for all: those then have none of their own any more. */
export function assignRelease(releases: Releases, release: string, services: readonly string[]): Releases {
  if (services.length === 0) return { release, tags: {} };
  const tags = { ...releases.tags, ...Object.fromEntries(services.map((name) => [name, release])) };
  // What all run needs no saying of one.
  return {
    release: releases.release,
    tags: Object.fromEntries(Object.entries(tags).filter(([, tag]) => tag !== releases.release)),
  };
}

function edit(stack: string, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof YamlEditError || error instanceof YAMLParseError)) throw error;
    throw new Failure(
      `${stackFilePath(stack)}: ${error.message.split("\n")[0]}; the release cannot be written into it. Mend the file.`,
    );
  }
}
