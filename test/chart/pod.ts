import type {
  KubernetesObject,
  V1Container,
  V1CronJob,
  V1Deployment,
  V1PodSpec,
  V1PodTemplateSpec,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { only, renderService, type Values } from "./render.ts";

/** The pod template of the Deployment, StatefulSet or Rollout among rendered objects. */
export function podTemplateOf(objects: KubernetesObject[]): V1PodTemplateSpec {
  const kind =
    ["StatefulSet", "CronJob", "Rollout"].find((known) => objects.some((object) => object.kind === known)) ??
    "Deployment";
  const { spec } = only<V1Deployment | V1StatefulSet | V1CronJob>(objects, kind);
  const template = spec && "jobTemplate" in spec ? spec.jobTemplate.spec?.template : spec?.template;
  if (!template) throw new Error(`${kind} without a pod template`);
  return template;
}

export function podSpecOf(objects: KubernetesObject[]): V1PodSpec {
  const { spec } = podTemplateOf(objects);
  if (!spec) throw new Error("a pod template without spec");
  return spec;
}

export function containerOf(objects: KubernetesObject[]): V1Container {
  const [container, ...others] = podSpecOf(objects).containers;
  if (!container || others.length > 0) throw new Error(`one container expected, ${others.length + 1} found`);
  return container;
}

/** A pod as the workload's controller makes it: a StatefulSet's brings the volumes of the claim templates along. */
export function podOf(objects: KubernetesObject[], name: string): KubernetesObject & { spec: V1PodSpec } {
  const { metadata, spec } = podTemplateOf(objects);
  if (!spec) throw new Error("a pod template without spec");
  const claims = objects
    .flatMap((object) => (object as V1StatefulSet).spec?.volumeClaimTemplates ?? [])
    .map((claim) => claim.metadata?.name ?? "")
    .map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}` } }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name },
    spec: { ...spec, volumes: [...(spec.volumes ?? []), ...claims] },
  };
}

/** Container of charts/service with the least values and these over them. */
export async function serviceContainer(values: Values = {}): Promise<V1Container> {
  return containerOf(await renderService(values));
}
