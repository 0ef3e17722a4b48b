import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";
import { helm } from "./helm.ts";
import type { ReleaseSpec } from "./release-fields.ts";

/** What Chart.yaml says of a chart. */
export interface ChartMetadata {
  name: string;
  version: string;
}

/** The flags that say where a chart is and which version: the same for `show`, `install` and `upgrade`. */
export function chartFlags(spec: ReleaseSpec): string[] {
  const { repo, caFile, certFile, keyFile } = spec.repository;
  const remote = !isLocal(spec.chart) || repo !== undefined;
  return [
    ...(repo && isUrl(repo) ? ["--repo", mirrorOf(repo)] : []),
    ...(remote && spec.version ? ["--version", spec.version] : []),
    ...(spec.flag("devel") ? ["--devel"] : []),
    ...(spec.flag("verify") ? ["--verify"] : []),
    ...(spec.text("keyring") ? ["--keyring", spec.text("keyring") ?? ""] : []),
    ...(caFile ? ["--ca-file", caFile] : []),
    ...(certFile ? ["--cert-file", certFile] : []),
    ...(keyFile ? ["--key-file", keyFile] : []),
    ...(isPlainHttp(spec.chart) ? ["--plain-http"] : []),
  ];
}

/**
 * Where a chart repository is read from: $HELM_REPOSITORY_MIRRORS names others for some, as `<url>=<url>`, blanks between
 * them. What the state says of a release is the address that the program gave.
 */
function mirrorOf(repository: string): string {
  const plain = (url: string): string => url.replace(/\/+$/, "");
  for (const pair of (process.env.HELM_REPOSITORY_MIRRORS ?? "").split(/\s+/)) {
    const [from = "", to = ""] = pair.split("=");
    if (from !== "" && plain(from) === plain(repository)) return to;
  }
  return repository;
}

/** The chart as Helm is to be told: a path, an oci:// reference, or a name in a repository. */
export function chartReference(spec: ReleaseSpec): string {
  const { repo } = spec.repository;
  const plainName = !spec.chart.includes("/") && !spec.chart.startsWith("oci://");
  return repo && !isUrl(repo) && plainName ? `${repo}/${spec.chart}` : spec.chart;
}

/** Finds out name and version of a chart. @throws with a message that says what is wrong with it. */
export async function readChart(spec: ReleaseSpec): Promise<ChartMetadata> {
  if (spec.chart === "") throw new Error("no chart is given");
  const local = spec.repository.repo === undefined && isDirectory(spec.chart);
  if (local) return readLocalChart(spec.chart);
  if (
    spec.repository.repo === undefined &&
    (isAbsolute(spec.chart) || spec.chart.startsWith(".")) &&
    !existsSync(spec.chart)
  ) {
    throw new Error(`path "${spec.chart}" not found`);
  }
  const output = await helm(["show", "chart", chartReference(spec), ...chartFlags(spec)]);
  return metadataOf(parse(output), spec.chart);
}

/** Reads a chart folder without starting Helm, which would cost every service a process on every run. */
function readLocalChart(folder: string): ChartMetadata {
  const file = join(folder, "Chart.yaml");
  if (!existsSync(file)) throw new Error(`"${folder}" is a folder without a Chart.yaml`);
  const chart: Plain = parse(readFileSync(file, "utf8"));
  const dependencies =
    isPlainMap(chart) && Array.isArray(chart.dependencies) ? chart.dependencies.filter(isPlainMap) : [];
  const missing = dependencies.filter((dependency) => !hasSubchart(folder, dependency)).map(({ name }) => String(name));
  if (missing.length > 0) {
    throw new Error(
      `${file} lists dependencies that are missing in charts/: ${missing.join(", ")}; run helm dependency build`,
    );
  }
  return metadataOf(chart, file);
}

function hasSubchart(folder: string, { name, version }: PlainMap): boolean {
  return (
    existsSync(join(folder, "charts", String(name))) || existsSync(join(folder, "charts", `${name}-${version}.tgz`))
  );
}

function metadataOf(chart: Plain, source: string): ChartMetadata {
  const { name, version, type } = isPlainMap(chart) ? chart : {};
  if (typeof name !== "string" || (typeof version !== "string" && typeof version !== "number")) {
    throw new Error(`${source}: Chart.yaml needs a name and a version`);
  }
  if (type !== undefined && type !== "application")
    throw new Error(`${source}: ${String(type)} charts are not installable`);
  return { name, version: String(version) };
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const isLocal = (chart: string): boolean => !chart.startsWith("oci://") && existsSync(chart);
const isUrl = (text: string): boolean => URL.canParse(text);

/** A registry on this machine speaks plain HTTP, as Docker takes for granted too. */
function isPlainHttp(chart: string): boolean {
  if (!chart.startsWith("oci://")) return false;
  const host = new URL(chart.replace("oci://", "http://")).hostname;
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}
