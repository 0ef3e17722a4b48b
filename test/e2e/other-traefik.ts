import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { request } from "undici";
import { paths } from "../../sandbox/paths.ts";
import { toolPath } from "../../sandbox/toolchain.ts";
import { kubectl, kubectlJson } from "./workspace.ts";

const INGRESS = "ingress";
const SECOND = 1_000;

/**
 * Starts a second Traefik beside the cluster's own, for a negative control.
 *
 * @param name of whom it is for
 * @param keeps whether it gets an argument of the first one
 * @returns its address, which only this machine reaches
 */
export async function startOtherTraefik(
  name: string,
  keeps: (argument: string) => boolean,
): Promise<{ origin: string; remove: () => Promise<string> }> {
  const { spec } = await kubectlJson<V1Deployment>("get", "deployment", "traefik", "-n", INGRESS);
  const template = structuredClone(spec?.template);
  const [container] = template?.spec?.containers ?? [];
  if (!template || !container) throw new Error("Deployment traefik has no container");
  container.args = container.args?.filter(keeps);
  // Not in the selector of the Service: it gets no request but those of its test.
  const labels = { ...template.metadata?.labels, "app.kubernetes.io/instance": name };
  template.metadata = { labels };
  const deployment: V1Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: INGRESS },
    spec: { replicas: 1, selector: { matchLabels: { "app.kubernetes.io/instance": name } }, template },
  };
  const env = { KUBECONFIG: paths.kubeconfig };
  await execa(toolPath("kubectl"), ["apply", "-f", "-"], { input: JSON.stringify(deployment), env });
  await kubectl("rollout", "status", `deployment/${name}`, "-n", INGRESS, "--timeout=120s");
  const selector = `app.kubernetes.io/instance=${name}`;
  const { items } = await kubectlJson<{ items: V1Pod[] }>("get", "pods", "-n", INGRESS, "-l", selector);
  return {
    origin: `http://${items[0]?.status?.podIP}:8000`,
    remove: () => kubectl("delete", "deployment", name, "-n", INGRESS),
  };
}

/** Asks one after another. @param origin of a Traefik @returns the status of each answer, 0 without one */
export async function statusesFrom(origin: string, host: string, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push(await statusOf(origin, host));
  return statuses;
}

async function statusOf(origin: string, host: string): Promise<number> {
  try {
    const { statusCode, body } = await request(`${origin}/version`, { headers: { host }, headersTimeout: SECOND });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}
