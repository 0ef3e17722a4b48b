import { parse } from "yaml";
import { kubectl, kubectlJson, type Workspace } from "../e2e/workspace.ts";

interface KubernetesObject {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: unknown[];
  };
}

/** Kinds whose objects belong to others, or come and go by themselves. */
const NOT_OWN =
  /^(events|events\.events\.k8s\.io|endpoints|endpointslices\..*|pods|pods\.metrics.*|leases\..*|controllerrevisions\..*)$/;
/** What every namespace has. */
const OF_NAMESPACE = ["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"];
const CLUSTER_KINDS = "clusterroles,clusterrolebindings,namespaces";

/** Objects of a stack's namespace that nothing in the stack owns. */
export async function orphans(shop: Workspace): Promise<string[]> {
  const { stack } = shop;
  const kinds = (await kubectl("api-resources", "--namespaced", "--verbs=list,delete", "-o", "name"))
    .split("\n")
    .filter((kind) => kind !== "" && !NOT_OWN.test(kind));
  const { items } = await kubectlJson<{ items: KubernetesObject[] }>("get", kinds.join(","), "-n", stack);
  const own = items.filter(({ metadata }) => metadata.ownerReferences === undefined);
  const known = new Set([...OF_NAMESPACE, ...(await inManifests(shop, own)), ...(await inState(shop))]);
  return own
    .filter(({ metadata }) => metadata.labels?.owner !== "helm")
    .filter((object) => !isKept(object))
    .map(nameOf)
    .filter((name) => !known.has(name));
}

/** Namespaces of a stack, and objects of the whole cluster that its Helm releases made. A destroyed stack has none. */
export async function leftOfStack(stack: string): Promise<string[]> {
  const { items } = await kubectlJson<{ items: KubernetesObject[] }>("get", CLUSTER_KINDS);
  return items
    .filter(({ kind, metadata }) => {
      const namespace = kind === "Namespace" ? metadata.name : metadata.annotations?.["meta.helm.sh/release-namespace"];
      return namespace === stack || namespace?.startsWith(`${stack}-`);
    })
    .map(nameOf);
}

/** Helm revisions that are pending, and releases whose last revision is not deployed. */
export async function unfinishedReleases(shop: Workspace): Promise<string[]> {
  const { items } = await kubectlJson<{ items: KubernetesObject[] }>(
    ...["get", "secrets", "-n", shop.stack, "-l", "owner=helm"],
  );
  const last = new Map<string, { version: number; status: string }>();
  for (const { metadata } of items) {
    const { name = "", version, status = "" } = metadata.labels ?? {};
    if (Number(version) > (last.get(name)?.version ?? 0)) last.set(name, { version: Number(version), status });
  }
  return [...last].flatMap(([name, { status }]) => (status === "deployed" ? [] : [`${name} is ${status}`]));
}

/** Ways to roll out keep the data of pods that still run, and migrations what they have done. */
function isKept({ kind, metadata }: KubernetesObject): boolean {
  const labels = Object.keys(metadata.labels ?? {});
  return kind !== "Job" && labels.some((label) => label.startsWith("slipway"));
}

/** What the manifests of the Helm releases hold that objects say they belong to, also of one in another namespace, such as an add-on. */
async function inManifests(shop: Workspace, objects: KubernetesObject[]): Promise<string[]> {
  const releases = new Set(
    objects.flatMap(({ metadata: { annotations = {} } }) => {
      const name = annotations["meta.helm.sh/release-name"];
      return name === undefined ? [] : `${name} --namespace=${annotations["meta.helm.sh/release-namespace"]}`;
    }),
  );
  const manifests = await Promise.all(
    [...releases].map((release) => shop.helm("get", "manifest", ...release.split(" "))),
  );
  return manifests.flatMap(({ output }) =>
    output.split(/^---$/m).flatMap((text) => {
      const object: KubernetesObject | null = parse(text);
      return object?.kind ? nameOf(object) : [];
    }),
  );
}

async function inState(shop: Workspace): Promise<string[]> {
  const { output } = await shop.pulumi("stack", "export");
  const { deployment } = JSON.parse(output) as {
    deployment: { resources?: { outputs?: { kind?: string; metadata?: { name?: string } } }[] };
  };
  return (deployment.resources ?? []).flatMap(({ outputs }) =>
    outputs?.metadata?.name ? [`${outputs.kind}/${outputs.metadata.name}`] : [],
  );
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}
