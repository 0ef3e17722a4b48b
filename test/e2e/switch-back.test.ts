import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, Workspace } from "./workspace.ts";

const NAMESPACE = "e2e-switch-back";
const HOST = `api.${NAMESPACE}.localhost`;
const off = { enabled: false };
const api = {
  hosts: [HOST],
  replicas: { min: 2, max: 2 },
  shutdown: { preStopSeconds: 5, drainSeconds: 5 },
  rollout: { minReadySeconds: 1, strategy: "blueGreen" },
};
let shop: Workspace;

beforeAll(async () => {
  shop = new Workspace(NAMESPACE, { services: { web: off, orders: off, worker: off, api } });
  await shop.begin();
  await shop.up();
  shop.configure("v2");
  await shop.up();
});
afterAll(() => shop.remove());

const releaseOf = async () => JSON.parse((await ask(HOST, "/version")).body).release as string;

async function secondsUntil(release: string): Promise<number> {
  const began = Date.now();
  while ((await releaseOf()) !== release) {
    if (Date.now() - began > 60_000) throw new Error(`${release} does not serve within 60 s`);
    await sleep(50);
  }
  return (Date.now() - began) / 1000;
}

const rollback = ["rollback", "--stack", NAMESPACE, "--no-commit", "--no-artifacts", "--no-tag", "--no-notify"];

describe("a rollback", () => {
  it("switches within 5 s of the command", async () => {
    for (const release of ["v1", "v2", "v1", "v2"]) {
      const began = Date.now();
      const { child } = await shop.startSlipway([...rollback, "--to", release, "--verbose"]);
      const lines: string[] = [];
      child.all?.on("data", (chunk: Buffer) => lines.push(`${(Date.now() - began) / 1000} ${chunk.toString().trim()}`));
      const seconds = await secondsUntil(release);
      const run = await child;
      console.info(`TO ${release}: ${seconds} s of ${(Date.now() - began) / 1000} s`);
      console.info(lines.join("\n"));
      expect(run.exitCode, run.all).toBe(0);
    }
  });
});
