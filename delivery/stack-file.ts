import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseDocument, YAMLParseError } from "yaml";
import { ENVIRONMENT_KEY, RELEASE_KEY, STACKS_FOLDER, stackFileOf, stackOfFile } from "../config/naming.ts";
import { Failure } from "./failure.ts";
import { deleteInText, getInText, setInText, YamlEditError } from "./yaml-edit.ts";

/** What a stack's file says is to run. */
export interface Releases {
  /** `slipway:release` */
  release: string;
  /** Services with a release of their own, in place of that. */
  tags: Record<string, string>;
}

export { stackFileOf };

const RELEASE = ["config", RELEASE_KEY];
const SERVICES = ["config", ENVIRONMENT_KEY, "services"];

/** @throws Failure that names the stacks there are, or says what is wrong with the file. */
export function readStackFile(root: string, stack: string): string {
  const file = join(root, stackFileOf(stack));
  if (!existsSync(file)) {
    throw new Failure(
      `--stack ${stack}: ${stackFileOf(stack)} does not exist. There are the stacks ${stacksIn(root).join(", ") || "of no file"}.`,
    );
  }
  const text = readFileSync(file, "utf8");
  const [fault] = parseDocument(text).errors;
  if (fault) throw new Failure(`${stackFileOf(stack)}: ${fault.message.split("\n")[0]} Mend the file.`);
  return text;
}

function stacksIn(root: string): string[] {
  const files = existsSync(join(root, STACKS_FOLDER)) ? readdirSync(join(root, STACKS_FOLDER)) : [];
  return files.flatMap((name) => stackOfFile(name) ?? []).sort();
}

export function writeStackFile(root: string, stack: string, text: string): void {
  writeFileSync(join(root, stackFileOf(stack)), text);
}

export function releasesIn(text: string): Releases {
  const services = parse(text)?.config?.[ENVIRONMENT_KEY]?.services ?? {};
  const tags = Object.entries(services as Record<string, { tag?: unknown } | null>).flatMap(([name, service]) =>
    service?.tag === undefined ? [] : [[name, String(service.tag)]],
  );
  return { release: getInText(text, RELEASE) ?? "", tags: Object.fromEntries(tags) };
}

/** The file with these releases, and every other character as it was. @throws Failure if it is no stack's file. */
export function withReleases(text: string, stack: string, { release, tags }: Releases): string {
  return edit(stack, () => {
    const before = releasesIn(text);
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
export function withRestart(text: string, stack: string, services: readonly string[], at: string): string {
  return edit(stack, () =>
    services.reduce((edited, name) => setInText(edited, [...SERVICES, name, "restartedAt"], at), text),
  );
}

/** The file with the releases and restarts of another copy of it. @throws Failure if it is no stack's file. */
export function withRecordOf(text: string, stack: string, copy: string): string {
  const services = parse(copy)?.config?.[ENVIRONMENT_KEY]?.services ?? {};
  const restarts = Object.entries(services as Record<string, { restartedAt?: unknown } | null>);
  return restarts.reduce(
    (edited, [name, service]) =>
      service?.restartedAt === undefined ||
      getInText(edited, [...SERVICES, name, "restartedAt"]) === String(service.restartedAt)
        ? edited
        : withRestart(edited, stack, [name], String(service.restartedAt)),
    withReleases(text, stack, releasesIn(copy)),
  );
}

/** The releases with another one for some services, or for all: those then have none of their own any more. */
export function changed(releases: Releases, release: string, services: readonly string[]): Releases {
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
      `${stackFileOf(stack)}: ${error.message.split("\n")[0]}; the release cannot be written into it. Mend the file.`,
    );
  }
}
