import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { contentHash } from "./content-hash.ts";

/** By chart: every service asks for that of charts/service, twice. */
const hashes = new Map<string, string>();
const CHARTS = join(import.meta.dirname, "../charts");

/** Path of a chart relative to the project, so that the state is the same on every machine. */
export function chartPath(chart: string): string {
  return `./charts/${chart}`;
}

/**
 * Hash of everything that a chart renders from, as a value of its release. The provider compares only the version of a chart;
 * with the hash, a change of any of its files is a change. ci/ holds values for the chart's tests only.
 */
export function chartHash(chart: string): string {
  const known = hashes.get(chart) ?? contentHash(join(CHARTS, chart), { except: ["ci"] });
  hashes.set(chart, known);
  return known;
}

/** What an add-on's values.yaml says of its pods. */
export interface ChartPods {
  replicas: number;
  /** Of each pod, as Kubernetes quantities. */
  requests: { cpu: string; memory: string };
}

/** Pods that an add-on's chart runs unless its values say otherwise. */
export function chartPods(chart: string): ChartPods {
  const { replicas = 1, resources } = parse(readFileSync(join(CHARTS, chart, "values.yaml"), "utf8"));
  return { replicas, requests: resources.requests };
}
