import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject, V1PolicyRule } from "@kubernetes/client-node";
import { execa } from "execa";
import { parse, parseAllDocuments, stringify } from "yaml";
import { program } from "../programs.ts";

const FOLDER = join(import.meta.dirname, "../../charts");

export const CHARTS = [
  "service",
  "traefik",
  "metrics-server",
  "descheduler",
  "cluster-autoscaler",
  "argo-rollouts",
  "prometheus",
  "argo-cd",
] as const;
export type Chart = (typeof CHARTS)[number];
/** Minor version of Kubernetes that charts are rendered and scored for. */
export const KUBERNETES = "1.36";
export type Values = Record<string, unknown>;

/** Folder of a chart. */
export function chartFolder(chart: Chart): string {
  return join(FOLDER, chart);
}

/** Names of the files in a chart's ci/ folder, without extension. Each is one way to use the chart. */
export function shapesOf(chart: Chart): string[] {
  return readdirSync(join(FOLDER, chart, "ci")).map((file) => file.replace(/\.yaml$/, ""));
}

/** Path of a shape's values. */
export function shapeFile(chart: Chart, shape: string): string {
  return join(FOLDER, chart, "ci", `${shape}.yaml`);
}

/** Values of a shape. */
export function shapeValues(chart: Chart, shape: string): Values {
  return parse(readFileSync(shapeFile(chart, shape), "utf8")) as Values;
}

/** The values that charts/service requires. */
export const LEAST = {
  release: "v1.0.0",
  image: `registry.example.com/shop@sha256:${"1".repeat(64)}`,
  chartHash: "0",
  port: 8080,
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
};

/** Release and namespace of everything that is rendered. */
export const NAME = "web";
export const NAMESPACE = "shop";

/**
 * Renders a chart as an install would.
 *
 * @param flags more options of `helm template`
 * @throws ExecaError with Helm's message in `stderr` if Helm refuses the values.
 */
export async function renderText(
  chart: Chart,
  values: Values,
  namespace = NAMESPACE,
  name = NAME,
  flags: string[] = [],
): Promise<string> {
  const args = [
    "template",
    name,
    chartFolder(chart),
    "--namespace",
    namespace,
    "--kube-version",
    KUBERNETES,
    ...flags,
    "-f",
    "-",
  ];
  const { stdout } = await execa(program("helm"), args, { input: stringify(values) });
  return stdout;
}

/** Like `renderText`, as objects. */
export async function render(chart: Chart, values: Values): Promise<KubernetesObject[]> {
  return objectsOf(await renderText(chart, values));
}

export function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** Renders charts/service with the required values and these over them. */
export function renderService(values: Values = {}): Promise<KubernetesObject[]> {
  return render("service", { ...LEAST, ...values });
}

/**
 * The one object of a kind.
 *
 * @throws Error if there is none, or more than one.
 */
export function only<T extends KubernetesObject>(objects: KubernetesObject[], kind: string, name?: string): T {
  const found = objects.filter((object) => object.kind === kind && (!name || object.metadata?.name === name));
  if (found.length !== 1) {
    const kinds = objects.map((object) => `${object.kind} ${object.metadata?.name}`).join(", ");
    throw new Error(`${found.length} of ${kind} ${name ?? ""} among: ${kinds}`);
  }
  return found[0] as T;
}

export function kindsOf(objects: KubernetesObject[]): string[] {
  return objects.map((object) => object.kind ?? "").sort();
}

/** A line for each resource of a role's rules: the resource and its verbs. */
export function rulesOf(role: KubernetesObject & { rules?: V1PolicyRule[] }): string[] {
  return (role.rules ?? []).flatMap(({ resources, verbs }) =>
    (resources ?? []).map((resource) => `${resource} ${verbs.join()}`),
  );
}
