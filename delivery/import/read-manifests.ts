import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { parseAllDocuments, type Tags } from "yaml";
import { isMap } from "../../config/merge.ts";
import { Failure, reasonOf } from "../failure.ts";
import { warn } from "../output.ts";
import { Fields, type KubernetesManifest } from "./fields.ts";
import { isChart, isKustomization, renderChart, renderKustomization } from "./render.ts";

/** Where manifests come from. */
export interface Origin {
  /** Folders and files, or - for standard input. */
  paths: readonly string[];
  /** Values files for the charts among them: beside a chart, or from the working folder. */
  values?: readonly string[];
  /** Working folder of the person who called. */
  folder: string;
  /** Text of standard input. */
  input: () => string;
}

const YAML_FILE = /\.(ya?ml|json)$/;

/**
 * Reads all manifests, in the order of the files' names.
 *
 * @throws Failure for what cannot be read, and if there is no manifest at all
 */
export async function readManifests(origin: Origin): Promise<Fields[]> {
  const texts = (await Promise.all(origin.paths.map((path) => textsAt(path, origin)))).flat();
  const found = texts.flatMap(({ name, text }) => parseManifests(name, text));
  if (found.length > 0) return found;
  throw new Failure(
    `import: no manifest in ${origin.paths.join(", ")}. Manifests are YAML with apiVersion, kind and metadata.name.`,
  );
}

/** Whether a file has values of a chart, and no manifests. */
export function isValuesFile(path: string): boolean {
  if (!existsSync(path) || statSync(path).isDirectory()) return false;
  return documentsOf(path, readFileSync(path, "utf8")).every((value) => isMap(value) && value.kind === undefined);
}

interface NamedText {
  name: string;
  text: string;
}

async function textsAt(path: string, origin: Origin): Promise<NamedText[]> {
  if (path === "-") return [{ name: "standard input", text: origin.input() }];
  const whole = isAbsolute(path) ? path : join(origin.folder, path);
  if (!existsSync(whole))
    throw new Failure(`import: ${path} does not exist. Name a file or folder with manifests, or -.`);
  if (statSync(whole).isDirectory()) return textsOfFolder(whole, origin);
  return [{ name: shownPath(whole, origin), text: readText(whole) }];
}

async function textsOfFolder(folder: string, origin: Origin): Promise<NamedText[]> {
  const name = shownPath(folder, origin);
  if (isChart(folder)) return [{ name, text: await renderChart(folder, name, valuesFor(folder, origin)) }];
  if (isKustomization(folder)) return [{ name, text: await renderKustomization(folder, name) }];
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const texts: NamedText[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (statSync(path).isDirectory()) texts.push(...(await textsOfFolder(path, origin)));
    else if (YAML_FILE.test(entry.name)) texts.push({ name: shownPath(path, origin), text: readText(path) });
  }
  return texts;
}

function valuesFor(chart: string, { values = [], folder }: Origin): string[] {
  return values.flatMap((file) => {
    const found = [join(chart, file), resolve(folder, file)].find((path) => existsSync(path));
    if (found === undefined) warn(`${relative(folder, chart) || "."} has no ${file}: it is imported without.`);
    return found ?? [];
  });
}

function shownPath(path: string, { folder }: Origin): string {
  const shown = relative(folder, path);
  return shown === "" ? "." : shown.startsWith("..") ? path : shown;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure(`import: ${path} cannot be read (${reasonOf(error)}).`);
  }
}

/** The manifests in a text. What has no kind, such as values of a chart, is none. */
export function parseManifests(name: string, text: string): Fields[] {
  return documentsOf(name, text).flatMap((value) => manifestsIn(name, value));
}

function manifestsIn(file: string, value: unknown): Fields[] {
  if (!isMap(value) || typeof value.kind !== "string") return [];
  if (value.kind.endsWith("List") && Array.isArray(value.items)) {
    return value.items.flatMap((item) => manifestsIn(file, item));
  }
  // Files of kustomize have a kind as well.
  if (String(value.apiVersion).startsWith("kustomize.config.k8s.io/")) return [];
  const { metadata } = value;
  const name = isMap(metadata) && metadata.name !== undefined ? String(metadata.name) : "without a name";
  const manifest = { ...value, metadata: { ...(isMap(metadata) ? metadata : {}), name } };
  return [new Fields(file, manifest as unknown as KubernetesManifest)];
}

/** kubectl reads YAML 1.1, where no is false, but neither dates nor numbers to the base of 60. */
const tagsOfKubectl = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === "string" || (!tag.tag.endsWith(":timestamp") && tag.format !== "TIME"));

function documentsOf(name: string, text: string): unknown[] {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    merge: true,
    customTags: tagsOfKubectl,
    logLevel: "error",
  });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) {
      const isTemplate = /\{\{/.test(text);
      throw new Failure(
        `import: ${name}: ${error.message.split("\n")[0]?.replace(/:$/, "")}.` +
          (isTemplate
            ? " It looks like a template of Helm: name the folder of its chart, or render it: helm template."
            : ""),
      );
    }
    return document.toJS();
  });
}
