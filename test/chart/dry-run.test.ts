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
  const answers = await Promise.all(objects.map((object) => reader.dryRun.refusal(object)));
  return answers.flatMap((answer) => answer?.message ?? []);
}
const everything = { hosts: ["shop.example.com"], replicas: { min: 2, max: 4 } };

it("a dry run creates nothing, and refuses what the API server refuses", async () => {
  expect(await refusals(await renderService(everything))).toEqual([]);
  expect((await kubectl("get", "deployments,services,jobs", "-n", "shop", "-o", "name")).stdout).toBe("");
  const bad = only<V1Deployment>(await renderService(), "Deployment");
  if (bad.spec?.template.spec) bad.spec.template.spec.dnsPolicy = "Sometimes";
  expect(await refusals([bad])).toEqual([expect.stringContaining("spec.template.spec.dnsPolicy")]);
});

it("a dry run of an update changes nothing, accepts what Helm can change, and refuses what is immutable", async () => {
  const volume = { size: "1Gi", mountPath: "/data" };
  const stateful = (size: string) => render("service", { ...LEAST, kind: "stateful", volume: { ...volume, size } });
  await apply([
    ...(await renderService(everything)),
    ...(await stateful("1Gi")).filter(({ kind }) => kind === "StatefulSet"),
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
  expect(await refusals(await stateful("1Gi"))).toEqual([]);
  const grown = only(await stateful("2Gi"), "StatefulSet");
  expect(await refusals([grown])).toEqual([expect.stringContaining("Forbidden: updates to statefulset spec")]);
  const { stdout } = await kubectl("get", "deployment", "web", "-n", "shop", "-o", "jsonpath={.metadata.generation}");
  expect(stdout).toBe("1");
});

it("a dry run refuses a kind that the cluster does not have, and reports a cluster that does not answer", async () => {
  const monitor = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata: { name: "web" } };
  expect(await refusals([monitor])).toEqual(["the cluster has no kind ServiceMonitor in monitoring.coreos.com/v1"]);
  const text = readFileSync(api.kubeconfig, "utf8").replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9");
  const away = ClusterReader.ofKubeconfig(text);
  await expect(away.dryRun.refusal(only(await renderService(), "Deployment"))).rejects.toThrow(/ECONNREFUSED/);
});
