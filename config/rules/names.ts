import { CHART_DEFAULTS } from "../defaults.ts";
import type { Fault } from "../fault.ts";
import {
  canaryNames,
  defaultClusterName,
  deployedTag,
  headlessService,
  INGRESS_NAMESPACE,
  imageTag,
  previewService,
  RELEASE_KEY,
  releaseOf,
  rolloutGate,
} from "../naming.ts";
import { clusterName } from "../schema/formats.ts";
import type { Checked } from "./checked.ts";

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const MOST_TAG_CHARACTERS = 128;

/** Names that are put together from several fields, so that no schema sees them. */
export function nameFaults(checked: Checked): Fault[] {
  return [
    ...namespaceFaults(checked),
    ...(checked.environment.cluster.target === "eks"
      ? [...clusterNameFaults(checked), ...deployedTagFaults(checked)]
      : []),
    ...imageTagFaults(checked),
    ...serviceNameFaults(checked),
  ];
}

/** A namespace that is created is restricted, and deleted by `destroy`: it must belong to the services alone. */
function namespaceFaults({ environment: { namespace, createNamespace, cluster } }: Checked): Fault[] {
  if (!createNamespace && cluster.target === "eks") {
    return [{ path: ["createNamespace"], message: "a new cluster has no namespace for the services. Remove it" }];
  }
  const isDefault = namespace === "default" && createNamespace;
  if (!isDefault && namespace !== INGRESS_NAMESPACE && !namespace.startsWith("kube-")) return [];
  return [{ path: ["namespace"], message: "belongs to the cluster. Use a namespace that only the services use" }];
}

function clusterNameFaults({ environment: { cluster, namespace }, stack }: Checked): Fault[] {
  if (cluster.target !== "eks" || cluster.name !== undefined) return [];
  const name = defaultClusterName(namespace, stack);
  const allowed = clusterName.safeParse(name).error?.issues[0]?.message;
  if (allowed === undefined) return [];
  return [
    { path: ["cluster", "name"], message: `the default would be ${name}; a name must be ${allowed}. Set another name` },
  ];
}

function deployedTagFaults({ environment: { services }, stack }: Checked): Fault[] {
  return Object.keys(services).flatMap((service) => {
    const tag = deployedTag(stack, service, "previous");
    if (tag.length <= MOST_TAG_CHARACTERS) return [];
    const message =
      `with the stack's name, its image tag ${tag} would have ${tag.length} characters. A tag has ` +
      `${MOST_TAG_CHARACTERS} at most. Use a shorter name for the stack`;
    return [{ path: ["services", service], message, hideValue: true }];
  });
}

/** Every namespace has a ServiceAccount of this name. */
const DEFAULT_ACCOUNT = "default";

/** charts/service names its objects after the service. Helm refuses to install over an object of another release. */
function serviceNameFaults({ environment: { services } }: Checked): Fault[] {
  const message = "the namespace has a ServiceAccount of this name already. Use another name";
  const taken = services[DEFAULT_ACCOUNT]?.enabled
    ? [{ path: ["services", DEFAULT_ACCOUNT], message, hideValue: true }]
    : [];
  return [...taken, ...relatedNameFaults(services)];
}

function relatedNameFaults(services: Checked["environment"]["services"]): Fault[] {
  return Object.entries(services).flatMap(([name, { kind = CHART_DEFAULTS.kind, enabled, rollout }]) => {
    const own = [
      rolloutGate(name),
      ...(rollout?.strategy === "blueGreen" ? [previewService(name)] : []),
      ...(kind === "stateful" ? [headlessService(name)] : []),
      ...(rollout?.strategy === "canary" ? canaryNames(name) : []),
    ];
    return own
      .filter((object) => enabled && services[object]?.enabled)
      .map((object) => ({
        path: ["services", object],
        message: `is also the name of a Kubernetes Service that belongs to the service ${name}. Use another name`,
        hideValue: true,
      }));
  });
}

/** In the one repository a tag is <service>-<release>: api with v2-v1.0.0 would be the same as api-v2 with v1.0.0. */
function imageTagFaults({ environment: { services }, release = "" }: Checked): Fault[] {
  return Object.entries(services).flatMap(([name, service]) => {
    const own = releaseOf(service.tag, release);
    if (own === "" || !service.enabled) return [];
    const tag = imageTag({ name, release: own });
    const other = Object.keys(services).find((known) => known.startsWith(`${name}-`) && tag.startsWith(`${known}-`));
    if (other === undefined) return [];
    const message = `the image tag of the service ${name}, ${tag}, would be one of the service ${other}. Use another release tag`;
    return [{ path: ["services", name, "tag"], message, ...(service.tag === undefined && { key: RELEASE_KEY }) }];
  });
}
