import { readFileSync } from "node:fs";
import type { KubernetesObject, V1Deployment } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { ClusterReader } from "../../components/cluster/reader.ts";
import { program } from "../programs.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { LEAST, only, render, renderService } from "./render.ts";

let api: ApiServer;
let reader: ClusterReader;
beforeAll(async () => {
  api = await startApiServer();
  reader = ClusterReader.ofContext({ context: "test", kubeconfig: api.kubeconfig });
  await kubectl("create", "namespace", "shop");
});
afterAll(() => api?.stop());

const kubectl = (...args: string[]) => execa(program("kubectl"), args, { env: { KUBECONFIG: api.kubeconfig } });
const apply = (objects: KubernetesObject[]) =>
  execa(program("kubectl"), ["apply", "-f", "-"], {
    input: objects.map((object) => stringify(object)).join("---\n"),
    env: { KUBECONFIG: api.kubeconfig },
  });
async function refusals(objects: KubernetesObject[]): Promise<string[]> {
  const answers = await Promise.all(objects.map((object) => reader.dryRun.ask(object)));
  return answers.flatMap((answer) => (typeof answer === "string" ? [] : answer.message));
}
const everything = { hosts: ["shop.example.com"], replicas: { min: 2, max: 4 } };

it("a dry run creates nothing, and refuses what the API server refuses", async () => {
  expect(await refusals(await renderService(everything))).toEqual([]);
  expect((await kubectl("get", "deployments,services,jobs", "-n", "shop", "-o", "name")).stdout).toBe("");
  const bad = only<V1Deployment>(await renderService(), "Deployment");
  if (bad.spec?.template.spec) bad.spec.template.spec.dnsPolicy = "Sometimes";
  expect(await refusals([bad])).toEqual([expect.stringContaining("spec.template.spec.dnsPolicy")]);
});

it("a dry run finds fields that the API would drop, and pods that it would refuse after the deploy", async () => {
  const spec = (await renderService()).filter(({ kind }) => kind === "Deployment") as V1Deployment[];
  const container = spec[0]?.spec?.template.spec?.containers[0];
  Object.assign(container ?? {}, { readinessProb: {} });
  expect(await refusals(spec)).toEqual([
    expect.stringContaining('unknown field "spec.template.spec.containers[0].readinessProb"'),
  ]);
  const label = "pod-security.kubernetes.io/warn=restricted";
  await kubectl("label", "namespace", "shop", label);
  const root = only<V1Deployment>(await renderService(), "Deployment");
  if (root.spec?.template.spec) root.spec.template.spec.hostNetwork = true;
  expect(await refusals([root])).toEqual([expect.stringMatching(/would violate PodSecurity .*host namespaces/)]);
  expect(await refusals(await renderService(everything))).toEqual([]);
});

it("a dry run of what is new asks for a create, whatever has its name", async () => {
  const [deployment] = (await renderService()).filter(({ kind }) => kind === "Deployment") as [V1Deployment];
  const other = structuredClone(deployment);
  Object.assign(other.spec?.selector ?? {}, { matchLabels: { app: "other" } });
  Object.assign(other.spec?.template.metadata ?? {}, { labels: { app: "other" } });
  await apply([{ ...other, metadata: { ...other.metadata, name: "taken" } }]);
  const mine = { ...deployment, metadata: { ...deployment.metadata, name: "taken" } };
  expect(await reader.dryRun.ask(mine)).toMatchObject({ message: expect.stringContaining("immutable") });
  expect(await reader.dryRun.ask(mine, true)).toBe("accepted");
});

it("a dry run of an update changes nothing, accepts what Helm can change, and refuses what is immutable", async () => {
  const volume = { size: "1Gi", mountPath: "/data" };
  const stateful = (over = {}) => render("service", { ...LEAST, kind: "stateful", volume: { ...volume, ...over } });
  await apply([
    ...(await renderService(everything)),
    ...(await stateful()).filter(({ kind }) => kind === "StatefulSet"),
  ]);
  const changed = {
    ...everything,
    release: "v2",
    port: 9090,
    hosts: ["new.example.com"],
    replicas: { min: 3, max: 9 },
  };
  expect(await refusals(await renderService(changed))).toEqual([]);
  expect(await refusals(await renderService(everything))).toEqual([]);
  expect(await refusals(await stateful())).toEqual([]);
  // The program grows volumes itself: see docs/decisions/stateful-services.md.
  expect(await refusals(await stateful({ size: "2Gi" }))).toEqual([]);
  const elsewhere = only(await stateful({ storageClass: "other" }), "StatefulSet");
  expect(await refusals([elsewhere])).toEqual([expect.stringContaining("Forbidden: updates to statefulset spec")]);
  const { stdout } = await kubectl("get", "deployment", "web", "-n", "shop", "-o", "jsonpath={.metadata.generation}");
  expect(stdout).toBe("1");
});

it("a dry run refuses a kind that the cluster does not have, and reports a cluster that does not answer", async () => {
  const monitor = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata: { name: "web" } };
  expect(await refusals([monitor])).toEqual(["the cluster has no kind ServiceMonitor in monitoring.coreos.com/v1"]);
  const text = readFileSync(api.kubeconfig, "utf8").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9");
  const away = ClusterReader.ofKubeconfig(text);
  await expect(away.dryRun.ask(only(await renderService(), "Deployment"))).rejects.toThrow(/ECONNREFUSED/);
});
