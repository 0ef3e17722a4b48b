import type { KubernetesObject, V1Job, V1NetworkPolicy } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { withMigration } from "../../components/gitops/migration-manifests.ts";
import { migrationObjects } from "../../components/migrations/job.ts";
import type { Migration } from "../../components/migrations/migration.ts";
import { LEAST, NAME, NAMESPACE, only, renderService } from "./render.ts";

const migration: Migration = {
  service: NAME,
  release: "v2",
  namespace: NAMESPACE,
  image: LEAST.image,
  config: { command: ["/app"], args: ["migrate"], phase: "expand", timeoutSeconds: 90 },
};
const JOB = `${NAME}-expand-0123456789-2`;
const configMap: KubernetesObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web-1" } };
const objects = async () => [...(await renderService({ configName: "web-1" })), configMap];
const migrated = async () => withMigration(await objects(), migration, JOB);
const waveOf = ({ metadata }: KubernetesObject) => metadata?.annotations?.["argocd.argoproj.io/sync-wave"];

it("the Job is that of the mode direct, starts by itself, and is never pruned", async () => {
  const job = only<V1Job>(await migrated(), "Job", JOB);
  const direct = migrationObjects(await objects(), migration).job;
  expect(direct.spec?.suspend).toBe(true);
  const { suspend: _, ...spec } = direct.spec ?? {};
  expect(job.spec).toEqual(spec);
  expect(job.metadata?.annotations).toMatchObject({
    "argocd.argoproj.io/sync-options": "Prune=false",
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    "argocd.argoproj.io/ignore-healthcheck": "true",
  });
  // Argo CD would run it again.
  expect(job.spec).not.toHaveProperty("ttlSecondsAfterFinished");
});

it("what the Job needs is there before it, and all else comes after it", async () => {
  const waves = (await migrated()).map((object) => [`${object.kind} ${object.metadata?.name}`, waveOf(object)]);
  expect(Object.fromEntries(waves.filter(([, wave]) => wave !== undefined))).toEqual({
    [`ServiceAccount ${NAME}`]: "-2",
    "ConfigMap web-1": "-2",
    [`NetworkPolicy ${NAME}.migration`]: "-2",
    [`Job ${JOB}`]: "-1",
  });
});

it("its pod calls what the service may call, and nobody calls it", async () => {
  const policy = only<V1NetworkPolicy>(await migrated(), "NetworkPolicy", `${NAME}.migration`);
  const job = only<V1Job>(await migrated(), "Job", JOB);
  expect(policy.spec).toMatchObject({ policyTypes: ["Ingress", "Egress"], ingress: [] });
  expect(job.spec?.template.metadata?.labels).toMatchObject(policy.spec?.podSelector?.matchLabels ?? { none: "none" });
});

it("leaves the pods of the service as they are", async () => {
  const workload = (list: KubernetesObject[]) => only<KubernetesObject>(list, "Deployment", NAME);
  expect(workload(await migrated())).toEqual(workload(await objects()));
});
