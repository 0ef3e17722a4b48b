import { join } from "node:path";
import type {
  KubernetesObject,
  V1Container,
  V1CronJob,
  V1Deployment,
  V1HorizontalPodAutoscaler,
  V1Ingress,
  V1PodSpec,
  V1Probe,
  V1Service,
} from "@kubernetes/client-node";
import { beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentSettings } from "../../config/environment.ts";
import { merge } from "../../config/merge.ts";
import { mergeEnvironment } from "../../config/read.ts";
import { stackFileConfig } from "../../config/stack-file.ts";
import { parseYaml } from "../../config/yaml-file.ts";
import { configFiles } from "../../delivery/import/config-files.ts";
import { importEnvironment } from "../../delivery/import/environment-services.ts";
import { environmentAround } from "../../delivery/import/refused.ts";
import { type NamedPath, readSources } from "../../delivery/import/sources.ts";
import { podSpecOf } from "./pod.ts";
import { objectsOf, only, renderText } from "./render.ts";

const FIXTURES = join(import.meta.dirname, "../delivery/import/fixtures");
const SETTINGS = { builds: {}, renames: {}, ingressNamespace: undefined, digests: new Map() };

/** Where manifests are, and the environments that they are for. */
const SETS: [string, string[], NamedPath[]][] = [
  ["plain", [join(FIXTURES, "plain")], [["prod", join(FIXTURES, "plain")]]],
  ["chart", [join(FIXTURES, "chart")], [["dev", "values-dev.yaml"]]],
  ["chart", [join(FIXTURES, "chart")], [["prod", "values-prod.yaml"]]],
  ["kustomize", [], [["dev", join(FIXTURES, "kustomize/overlays/dev")]]],
  ["kustomize", [], [["prod", join(FIXTURES, "kustomize/overlays/prod")]]],
];

describe.each(SETS)("%s, imported and rendered by charts/service", (_, paths, environments) => {
  let before: KubernetesObject[];
  let services: EnvironmentSettings["services"];
  const after = new Map<string, KubernetesObject[]>();

  beforeAll(async () => {
    const [source] = await readSources(paths, environments);
    if (!source) throw new Error("no source");
    before = source.manifests.map(({ manifest }) => structuredClone(manifest) as KubernetesObject);
    const files = configFiles([importEnvironment(source.name, source.manifests, SETTINGS)]);
    const { value, lineOf } = parseYaml("services.yaml", files["services.yaml"] ?? "");
    const shared = { file: "services.yaml", value: merge(environmentAround({}, {}), value), lineOf };
    const own = stackFileConfig("prod", files[`Pulumi.${source.name}.yaml`] ?? "");
    services = mergeEnvironment(shared, { ...own, isComplete: false }).services;
    for (const { name, image, chartFields, podValues } of services) {
      const values = {
        ...chartFields,
        ...podValues,
        image,
        release: "v1",
        chartHash: "0",
        configName: "config",
        filesName: "files",
        secretName: "secret",
      };
      after.set(name, objectsOf(await renderText("service", values, "shop", name)));
    }
  }, 120_000);

  /** The container of a workload before, and after. */
  function pairs(): { name: string; old: V1Container; now: V1Container; oldPod: V1PodSpec }[] {
    return services.map(({ name, image }) => {
      const found = before.flatMap((object) => {
        const pod = podOf(object);
        const old = pod?.containers.find((container) =>
          image?.endsWith(container.image?.replace(/^redis/, "redis") ?? "?"),
        );
        return pod && old ? [{ old, oldPod: pod }] : [];
      });
      const [now] = podSpecOf(after.get(name) ?? []).containers;
      if (!found[0] || !now) throw new Error(`${name}: no container with ${image}`);
      return { name, now, ...found[0] };
    });
  }

  it("has the same images, commands and resources", () => {
    for (const { old, now } of pairs()) {
      expect(now.image?.endsWith(old.image ?? "?")).toBe(true);
      expect([now.command, now.args]).toEqual([old.command, old.args]);
      const { requests = {}, limits = {} } = old.resources ?? {};
      expect(now.resources).toMatchObject({ requests: { ...limits, ...requests }, limits });
    }
  });

  it("has the same ports of containers that others call", () => {
    const numbers = ({ ports = [] }: V1Container) => ports.map((port) => port.containerPort).sort();
    for (const { name, old, now } of pairs()) expect([name, numbers(now)]).toEqual([name, numbers(old)]);
  });

  it("is called by the same names and ports of Services", () => {
    const of = (objects: KubernetesObject[]) =>
      objects.filter(
        (object): object is V1Service => object.kind === "Service" && !object.metadata?.name?.endsWith("-headless"),
      );
    for (const service of of(before)) {
      const name = service.metadata?.name?.replace(/^(dev|prod)-/, "") ?? "";
      const now = of(after.get(name) ?? []).flatMap(({ spec }) => spec?.ports?.map(({ port }) => port) ?? []);
      expect([name, now]).toEqual([name, service.spec?.ports?.map(({ port }) => port)]);
    }
  });

  it("asks the same for health", () => {
    for (const { name, old, now } of pairs()) {
      if (!old.readinessProbe) continue;
      expect([name, checkOf(now.readinessProbe, now)]).toEqual([name, checkOf(old.readinessProbe, old)]);
      if (old.livenessProbe)
        expect(checkOf(now.livenessProbe, now).action).toEqual(checkOf(old.livenessProbe, old).action);
    }
  });

  it("has the same variables", () => {
    for (const { name, old, now } of pairs()) {
      const service = services.find((known) => known.name === name);
      const wanted = variablesBefore(old, before);
      const given: Record<string, string> = { ...service?.config };
      for (const { name: variable, value, valueFrom } of now.env ?? []) {
        const { secretKeyRef, fieldRef } = valueFrom ?? {};
        given[variable] = value ?? secretKeyRef?.name ?? fieldRef?.fieldPath ?? given[variable] ?? "";
      }
      for (const secret of service?.secretNames ?? []) given[secret] = "own secret";
      for (const [variable, value] of Object.entries(wanted)) {
        if (value.startsWith("Secret of the manifests")) expect(given).toHaveProperty(variable);
        else expect([variable, given[variable]?.replace("$(NODE_NAME)", "spec.nodeName")]).toEqual([variable, value]);
      }
    }
  });

  it("has the same number of pods", () => {
    for (const { name, oldPod } of pairs()) {
      const workload = before.find((object) => podOf(object) === oldPod) as V1Deployment;
      if (workload.kind === "CronJob") continue;
      const scaler = before.find(
        (object) =>
          object.kind === "HorizontalPodAutoscaler" &&
          (object as V1HorizontalPodAutoscaler).spec?.scaleTargetRef.name === workload.metadata?.name,
      );
      const pods = workload.spec?.replicas ?? 1;
      const old = (scaler as { spec?: object } | undefined)?.spec ?? { minReplicas: pods, maxReplicas: pods };
      const now = only<V1HorizontalPodAutoscaler>(after.get(name) ?? [], "HorizontalPodAutoscaler").spec;
      const { minReplicas, maxReplicas, metrics } = old as Record<string, unknown>;
      expect([name, now]).toMatchObject([
        name,
        { minReplicas, maxReplicas, ...(metrics !== undefined && { metrics }) },
      ]);
    }
  });

  it("has the same hosts and paths", () => {
    const routes = (objects: KubernetesObject[]) =>
      objects
        .filter((object): object is V1Ingress => object.kind === "Ingress")
        .flatMap(({ spec }) => spec?.rules ?? [])
        .flatMap(({ host, http }) => http?.paths.map(({ path, pathType }) => `${host}${path} ${pathType}`) ?? []);
    expect(routes([...after.values()].flat())).toEqual(routes(before));
  });
});

function podOf(object: KubernetesObject): V1PodSpec | undefined {
  if (!["Deployment", "StatefulSet", "CronJob"].includes(object.kind ?? "")) return undefined;
  if (object.kind === "CronJob") return (object as V1CronJob).spec?.jobTemplate.spec?.template.spec;
  return (object as V1Deployment).spec?.template.spec;
}

/** What a check asks, with the port's number and Kubernetes' defaults. */
function checkOf(probe: V1Probe | undefined, { ports = [] }: V1Container) {
  const { httpGet, tcpSocket, exec, periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3 } = probe ?? {};
  const port = httpGet?.port ?? tcpSocket?.port;
  const number = port === undefined ? port : (ports.find(({ name }) => name === port)?.containerPort ?? port);
  return { action: [httpGet?.path, number, exec?.command], periodSeconds, timeoutSeconds, failureThreshold };
}

function variablesBefore({ env = [] }: V1Container, objects: KubernetesObject[]): Record<string, string> {
  const find = (kind: string, name = "") =>
    objects.find((object) => object.kind === kind && object.metadata?.name === name);
  return Object.fromEntries(
    env.flatMap(({ name, value, valueFrom }) => {
      const { configMapKeyRef: config, secretKeyRef: secret, fieldRef: field } = valueFrom ?? {};
      if (config)
        return [[name, (find("ConfigMap", config.name) as { data?: Record<string, string> }).data?.[config.key] ?? ""]];
      if (secret) return [[name, find("Secret", secret.name) ? "Secret of the manifests" : (secret.name ?? "")]];
      if (name === "SESSION_SECRET") return [[name, "Secret of the manifests"]];
      return [[name, field?.fieldPath ?? value ?? ""]];
    }),
  );
}
