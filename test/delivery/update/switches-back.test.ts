import { KubeConfig } from "@kubernetes/client-node";
import { beforeEach, expect, it, vi } from "vitest";
import * as kept from "../../../components/rollout/kept-pods.ts";
import * as cluster from "../../../delivery/cluster.ts";
import type { StackEnvironment } from "../../../delivery/environment.ts";
import * as output from "../../../delivery/output.ts";
import { SwitchesBack } from "../../../delivery/update/switches-back.ts";
import { environmentOf } from "../../config/config-of.ts";
import { existing, service } from "../../config/service-base.ts";

const digest = `sha256:${"1".repeat(64)}`;
const plan = { pods: 3, record: "r", isRecorded: false } as kept.SwitchPlan;
let said: string[];
let found: kept.SwitchPlan | undefined;
let change: () => Promise<void>;
let undo: () => Promise<void>;
beforeEach(() => {
  said = [];
  found = plan;
  change = async () => {};
  undo = async () => {};
  const access = new KubeConfig();
  access.loadFromClusterAndUser(
    { name: "test", server: "https://127.0.0.1:1", skipTLSVerify: false },
    { name: "test" },
  );
  vi.spyOn(cluster, "connectCluster").mockResolvedValue(access);
  vi.spyOn(output, "info").mockImplementation((text) => void said.push(text));
  vi.spyOn(output, "warn").mockImplementation((text) => void said.push(`warning: ${text}`));
  vi.spyOn(kept, "planSwitch").mockImplementation(async () => found);
  vi.spyOn(kept, "switchRollout").mockImplementation(() => change());
  vi.spyOn(kept, "undoSwitch").mockImplementation(() => undo());
  return () => vi.restoreAllMocks();
});

function switches(rollout: object = { strategy: "blueGreen" }, more: object = {}): SwitchesBack {
  const config = environmentOf({ ...existing, services: { api: { ...service, rollout, ...more } } });
  const environment = { stack: "test", config } as unknown as StackEnvironment;
  const tag = "127.0.0.1:5000/shop:api-v1";
  return new SwitchesBack(environment, [{ service: "api", release: "v1", tag, digest }]);
}

it("asks for the image by digest, and switches once when the update has begun", async () => {
  const all = switches();
  expect(kept.switchRollout).not.toHaveBeenCalled();
  all.begin();
  all.begin();
  await vi.waitFor(() =>
    expect(said).toEqual(["Switching api back to v1, whose 3 pods still run, before the update."]),
  );
  const wanted = {
    namespace: "shop",
    service: "api",
    version: { image: `127.0.0.1:5000/shop@${digest}`, release: "v1" },
  };
  expect(vi.mocked(kept.planSwitch).mock.calls.map(([, pods]) => pods)).toEqual([wanted]);
  expect(kept.switchRollout).toHaveBeenCalledTimes(1);
});

it("only says so for a dry run", async () => {
  await switches().announce();
  expect(said).toEqual([
    "Would switch api back to v1, whose 3 pods still run, as soon as the engine holds the stack's lock.",
  ]);
  expect(kept.switchRollout).not.toHaveBeenCalled();
});

it.each<[string, object, object]>([
  ["of another strategy", { strategy: "canary" }, {}],
  ["that is paused", { strategy: "blueGreen" }, { replicas: { min: 0, max: 0 } }],
  [
    "with a migration, which only the program knows",
    { strategy: "blueGreen" },
    { migration: { command: ["/app"], phase: "expand" } },
  ],
])("leaves a service %s to the program", async (_, rollout, more) => {
  await switches(rollout, more).announce();
  expect(kept.planSwitch).not.toHaveBeenCalled();
});

it.each<[string, () => void]>([
  ["cannot be read", () => vi.mocked(kept.planSwitch).mockRejectedValue(new Error("forbidden"))],
  ["has changed since", () => (change = async () => Promise.reject(new Error("forbidden")))],
])("warns, and goes on, if the Rollout %s", async (_, fails) => {
  fails();
  switches().begin();
  await vi.waitFor(() =>
    expect(said).toEqual([expect.stringMatching(/^warning: api: it cannot be .* at once.*forbidden/)]),
  );
});

it("what the last update has recorded is left to the program, which waits for it", async () => {
  found = { ...plan, isRecorded: true };
  const all = switches();
  all.begin();
  await all.undo();
  expect([said, vi.mocked(kept.switchRollout).mock.calls]).toEqual([[], []]);
});

it("takes back what it has switched if the update is refused, and nothing else", async () => {
  await switches().undo();
  expect(kept.undoSwitch).not.toHaveBeenCalled();
  const all = switches();
  all.begin();
  await all.undo();
  expect(said.at(-1)).toBe("api: the update was refused, so the traffic goes back to the release from before.");
  undo = async () => Promise.reject(new Error("gone"));
  await all.undo();
  expect(said.at(-1)).toMatch(/^warning: api stays switched to v1, although the update was refused: gone/);
});
