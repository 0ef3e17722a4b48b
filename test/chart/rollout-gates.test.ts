import type { V1JobList } from "@kubernetes/client-node";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { ClusterReader } from "../../components/cluster/reader.ts";
import { closedGates, failGate, openGates, removeGates } from "../../components/rollout/gates.ts";
import { program } from "../programs.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { chartFolder, LEAST } from "./render.ts";

let api: ApiServer;
let reader: ClusterReader;
beforeAll(async () => {
  api = await startApiServer();
  reader = ClusterReader.ofContext({ context: "test", kubeconfig: api.kubeconfig });
});
afterAll(() => api?.stop());

const kubectl = async (...args: string[]) =>
  (await execa(program("kubectl"), ["--namespace=default", ...args], { env: { KUBECONFIG: api.kubeconfig } })).stdout;
const gates = () => closedGates(reader, "default", "web");

/** Helm as the program runs it. The API has no controllers, so nothing makes the workload ready but this test. */
function upgrade(release: string, fields: object = {}) {
  const args = ["upgrade", "--install", "web", chartFolder("service"), "-f", "-"];
  return execa(program("helm"), [...args, "--wait", "--wait-for-jobs", "--atomic", "--timeout=60s"], {
    input: stringify({ ...LEAST, kind: "stateful", release, replicas: { min: 1 }, ...fields }),
    env: { KUBECONFIG: api.kubeconfig },
    reject: false,
    all: true,
  });
}

/** What the StatefulSet controller says when all pods are ready. */
async function makeReady(): Promise<void> {
  await expect.poll(gates, { timeout: 20_000, interval: 200 }).toHaveLength(1);
  const generation = await kubectl("get", "statefulset", "web", "-o=jsonpath={.metadata.generation}");
  const status = { observedGeneration: Number(generation), replicas: 1, readyReplicas: 1, updatedReplicas: 1 };
  const patch = JSON.stringify({ status: { ...status, currentRevision: "a", updateRevision: "a" } });
  await kubectl("patch", "statefulset", "web", "--subresource=status", "--type=merge", `--patch=${patch}`);
}

it("Helm is done when the program opens the gate, and not when enough pods are ready", async () => {
  const install = upgrade("v1");
  let isDone = false;
  void install.then(() => {
    isDone = true;
  });
  await makeReady();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(isDone).toBe(false);
  await openGates(reader, "default", await gates());
  expect(await gates()).toEqual([]);
  expect((await install).exitCode, (await install).all).toBe(0);
});

it("Helm fails and rolls back at once when the program takes the gate away, whatever else it waits for", async () => {
  const bad = upgrade("v2");
  const started = Date.now();
  await expect.poll(gates, { timeout: 20_000, interval: 200 }).toHaveLength(1);
  expect(await failGate(reader, "default", "web")).toBe(true);
  // The rollback restores the gate of the release before.
  await expect
    .poll(async () => (await reader.pendingRevisions("default")).map(({ status }) => status), { timeout: 20_000 })
    .toEqual(["pending-rollback"]);
  await makeReady();
  await openGates(reader, "default", await gates());
  const { exitCode, all } = await bad;
  expect(exitCode).not.toBe(0);
  expect(all).toContain("has been rolled back due to atomic");
  expect(Date.now() - started).toBeLessThan(40_000);
  const jobs = JSON.parse(await kubectl("get", "jobs", "-o=json")) as V1JobList;
  expect(jobs.items).toHaveLength(1);
});

it("an upgrade that fails while it is applied is rolled back whole, if the Jobs of earlier rollouts are gone", async () => {
  await removeGates(reader, { namespace: "default", services: [{ name: "web" }] });
  expect(await reader.jobs("default", {})).toEqual([]);
  // Helm applies the Ingress last, after the new workload and its Job, and the API refuses this one.
  const refused = upgrade("v3", { hosts: ["shop.example.com"], ingressClass: "Not_A_Class" });
  await expect
    .poll(async () => (await reader.pendingRevisions("default")).map(({ status }) => status), { timeout: 30_000 })
    .toEqual(["pending-rollback"]);
  await makeReady();
  await openGates(reader, "default", await gates());
  const { exitCode, all } = await refused;
  expect(exitCode).not.toBe(0);
  expect(all).toContain("has been rolled back due to atomic");
});
