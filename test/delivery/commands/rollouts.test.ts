import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Rollout } from "../../../components/cluster/rollouts.ts";
import * as cluster from "../../../delivery/rollouts.ts";
import { useShop } from "../shop.ts";

const shop = useShop();

type Status = NonNullable<Rollout["status"]>;
const BLUE_GREEN = { blueGreen: { autoPromotionEnabled: false } };
const CANARY = {
  canary: { steps: [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: { duration: "60s" } }] },
};

let live: Rollout;
/** What the controller does when the Rollout is changed. */
let answer: (patch: { spec?: object; status?: object }) => Partial<Status>;
let patches: object[];

beforeEach(() => {
  patches = [];
  answer = () => ({});
  const change = (patch: { spec?: object; status?: object }) => {
    patches.push(patch);
    live = {
      ...live,
      spec: { ...live.spec, ...patch.spec },
      status: { ...live.status, ...patch.status, ...answer(patch) },
    };
  };
  vi.spyOn(cluster, "connectRollouts").mockResolvedValue({
    find: async (_: string, name: string) => (name === "api" ? live : undefined),
    list: async () => [live],
    patch: async (_: string, __: string, patch: object) => change(patch),
    patchStatus: async (_: string, __: string, status: object) => change({ status }),
  } as never);
  return () => vi.restoreAllMocks();
});

function rollout(status: Status, strategy: Rollout["spec"]["strategy"] = BLUE_GREEN): Rollout {
  return {
    metadata: { name: "api", generation: 1, labels: { "app.kubernetes.io/version": "v2.0.0" } },
    spec: { replicas: 3, template: {}, strategy },
    status: { observedGeneration: "1", currentPodHash: "new", stableRS: "old", readyReplicas: 6, ...status },
  };
}
const healthy: Status = { phase: "Healthy", stableRS: "new", pauseConditions: [] };
const waiting: Status = { phase: "Paused", pauseConditions: [{ reason: "BlueGreenPause", startTime: "" }] };
const atPause: Status = {
  phase: "Paused",
  currentStepIndex: 1,
  pauseConditions: [{ reason: "CanaryPauseStep", startTime: "" }],
};
const run = (...args: string[]) => shop.run(...args, "--stack", "dev");

describe("promote with a service", () => {
  it("lets blue/green switch, and says how long it took", async () => {
    live = rollout(waiting);
    answer = () => healthy;
    const { exitCode, stdout, stderr } = await run("promote", "api");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^api: v2\.0\.0 gets all the traffic \(\d+ s\)\.$/m);
    expect(patches).toEqual([{ status: { pauseConditions: null } }]);
  });

  it("lets a canary begin its next step, and not skip one", async () => {
    live = rollout(atPause, CANARY);
    answer = () => ({ phase: "Progressing", currentStepIndex: 2 });
    const { stdout } = await run("promote", "api");
    expect(stdout).toContain("goes on, with 50 % of the traffic");
    expect(patches).toEqual([{ status: { pauseConditions: null } }]);
  });

  it("skips all that is left with --full", async () => {
    live = rollout(atPause, CANARY);
    answer = () => healthy;
    expect((await run("promote", "api", "--full")).exitCode).toBe(0);
    expect(patches).toEqual([{ status: { promoteFull: true } }]);
  });

  it("goes on after a pause by a person", async () => {
    live = { ...rollout({ phase: "Paused" }, CANARY), spec: { ...rollout({}, CANARY).spec, paused: true } };
    answer = () => ({ phase: "Progressing", currentStepIndex: 1 });
    await run("promote", "api");
    expect(patches).toContainEqual({ spec: { paused: false } });
  });

  it("changes nothing under --dry-run", async () => {
    live = rollout(waiting);
    const { exitCode, stderr } = await run("promote", "api", "--dry-run");
    expect([exitCode, patches]).toEqual([0, []]);
    expect(stderr).toContain('Would patch the Rollout api in shop: {"status":{"pauseConditions":null}}');
  });

  it("needs --stack, and without a service --from and --to", async () => {
    const missing = await shop.run("promote", "api");
    expect([missing.exitCode, missing.stderr]).toEqual([64, expect.stringContaining("--stack <name>")]);
    const between = await shop.run("promote", "--to", "dev");
    expect([between.exitCode, between.stderr]).toEqual([64, expect.stringContaining("--from <stack>")]);
  });
});

describe("abort, retry and pause", () => {
  it("change what they say", async () => {
    live = rollout(waiting);
    answer = () => ({ phase: "Degraded" });
    const aborted = await run("abort", "api");
    expect(aborted.stdout).toMatch(/v2\.0\.0 is aborted.*rollback --stack dev/s);
    answer = () => ({ phase: "Progressing" });
    expect((await run("retry", "api")).stdout).toContain("v2.0.0 is rolled out again");
    answer = () => ({ phase: "Paused" });
    expect((await run("pause", "api")).stdout).toContain("v2.0.0 is paused");
    expect(patches).toEqual([{ status: { abort: true } }, { status: { abort: false } }, { spec: { paused: true } }]);
  });

  it.each<[string, Status, RegExp]>([
    ["promote", healthy, /No rollout is under way/],
    ["promote", { phase: "Degraded", abort: true }, /aborted.*retry/],
    ["promote", { phase: "Progressing" }, /not ready yet/],
    ["abort", healthy, /rollback/],
    ["abort", { phase: "Degraded", abort: true }, /aborted already/],
    ["retry", waiting, /not aborted/],
    ["pause", waiting, /waits already/],
    ["pause", healthy, /No rollout is under way/],
  ])("%s is refused where it does not apply: %j", async (action, status, message) => {
    live = rollout(status);
    const { exitCode, stderr } = await run(action, "api");
    expect([exitCode, patches]).toEqual([1, []]);
    expect(stderr).toMatch(message);
  });

  it("say that a service has no rollout, or does not exist", async () => {
    live = rollout(healthy);
    expect((await run("abort", "web")).stderr).toMatch(/web is replaced by the strategy rolling.*strategies\.md/s);
    expect((await run("abort", "wbe")).stderr).toContain("dev does not run it");
  });
});

describe("rollouts", () => {
  it("prints how far each is, and what it waits for", async () => {
    live = rollout(atPause, CANARY);
    const { stdout } = await run("rollouts");
    expect(stdout).toMatch(/api .* canary .* v2\.0\.0 .* Paused .* 1\/4 .* 10 % .* 3\/3/);
    expect(stdout).toContain("promote api --stack dev");
    const [state] = JSON.parse((await run("rollouts", "--json")).stdout).rollouts;
    expect(state).toMatchObject({ service: "api", phase: "Paused", isWaiting: true, weight: 10 });
  });

  it("ends its --watch when none is under way", async () => {
    live = rollout({ phase: "Progressing" }, CANARY);
    const watching = run("rollouts", "--watch");
    live = rollout(healthy, CANARY);
    expect((await watching).stdout).toMatch(/Healthy .* 100 %/);
  });
});
