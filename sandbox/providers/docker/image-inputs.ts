import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import {
  hasUnknown,
  isMap,
  mapAt,
  type PropertyMap,
  stringAt,
  Unknown,
  unwrap,
  type Value,
} from "../protocol/value.ts";
import { contextDigest } from "./context.ts";
import { parseImageName } from "./image-name.ts";

const PROPERTIES = ["imageName", "build", "registry", "skipPush", "buildOnPreview"];
const BUILD = ["context", "dockerfile", "args", "platform", "target", "builderVersion", "network", "addHosts"];
const BUILDERS: Readonly<Record<string, "1" | "2">> = { BuilderV1: "1", BuilderBuildKit: "2" };

/** A build with all values known. */
export interface BuildSpec {
  context: string;
  dockerfile: string;
  args: Record<string, string>;
  platform: string;
  target: string | undefined;
  network: string | undefined;
  extraHosts: string[];
  /** Builder of the daemon: "1" the classic one, "2" BuildKit. */
  builder: "1" | "2";
}

/** The inputs with defaults and, if the Dockerfile is known, a digest of the build context. */
export async function imageInputs(news: PropertyMap): Promise<PropertyMap> {
  refuseUnknown("Image", news, PROPERTIES);
  const given = unwrap(news.build) ?? {};
  const build = isMap(given) ? given : {};
  refuseUnknown("build of an Image", build, [...BUILD, "contextDigest"]);
  builderOf(build);

  const inputs: PropertyMap = withoutNulls({ ...news, buildOnPreview: unwrap(news.buildOnPreview) ?? false });
  inputs.build = given instanceof Unknown ? given : await checkedBuild(build);
  const imageName = unwrap(inputs.imageName);
  if (typeof imageName === "string" && unwrap(inputs.skipPush) !== true) parseImageName(imageName);
  return inputs;
}

async function checkedBuild(build: PropertyMap): Promise<PropertyMap> {
  const checked = withoutNulls(build);
  const context = checked.context ?? ".";
  checked.context = context;
  const contextPath = unwrap(context);
  if (checked.dockerfile === undefined) {
    checked.dockerfile = typeof contextPath === "string" ? join(contextPath, "Dockerfile") : Unknown.value;
  }
  const dockerfile = unwrap(checked.dockerfile);
  // The official plugin's default is the architecture of its machine.
  checked.platform ??= `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
  if (typeof contextPath !== "string" || typeof dockerfile !== "string") return checked;
  assertDockerfile(contextPath, dockerfile);
  checked.contextDigest = await contextDigest(contextPath, dockerfile);
  return checked;
}

function assertDockerfile(context: string, dockerfile: string): void {
  if (existsSync(dockerfile)) return;
  const beside = join(context, dockerfile);
  const hint = !isAbsolute(dockerfile) && existsSync(beside) ? `; try setting build.dockerfile to "${beside}"` : "";
  throw new Error(`Dockerfile "${dockerfile}" does not exist (in ${process.cwd()})${hint}`);
}

/** Reads the build from checked inputs. */
export function buildSpec(inputs: PropertyMap): BuildSpec {
  const build = mapAt(inputs, "build");
  const hosts = unwrap(build.addHosts);
  return {
    context: stringAt(build, "context") ?? ".",
    dockerfile: stringAt(build, "dockerfile") ?? "Dockerfile",
    args: Object.fromEntries(
      Object.entries(mapAt(build, "args")).flatMap(([key, value]) => {
        const text = unwrap(value);
        return typeof text === "string" ? [[key, text]] : [];
      }),
    ),
    platform: stringAt(build, "platform") ?? "",
    target: stringAt(build, "target"),
    network: stringAt(build, "network"),
    extraHosts: Array.isArray(hosts) ? hosts.map((host) => String(unwrap(host))) : [],
    builder: builderOf(build),
  };
}

/** Whether a preview builds: `buildOnPreview` is set, and all values of the build are known. */
export function canBuildInPreview(inputs: PropertyMap): boolean {
  return unwrap(inputs.buildOnPreview) === true && !hasUnknown(inputs.build) && !hasUnknown(inputs.imageName);
}

function builderOf(build: PropertyMap): "1" | "2" {
  const given = unwrap(build.builderVersion) ?? "BuilderBuildKit";
  if (given instanceof Unknown) return "2";
  const builder = BUILDERS[String(given)];
  if (builder) return builder;
  throw new Error(
    `build.builderVersion was ${JSON.stringify(given)}; give one of: ${Object.keys(BUILDERS).join(", ")}`,
  );
}

function refuseUnknown(what: string, map: PropertyMap, known: string[]): void {
  const unknown = Object.keys(map).filter((key) => !known.includes(key) && map[key] !== null);
  if (unknown.length > 0) {
    throw new Error(
      `an ${what} has no property "${unknown.join('", "')}" (known: ${known.join(", ")})`.replace(/^an b/, "a b"),
    );
  }
}

function withoutNulls(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, Value] => entry[1] !== null));
}
