import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineEvent } from "../../../delivery/engine/run.ts";
import type { StackEnvironment } from "../../../delivery/environment.ts";
import { readinessOf } from "../../../delivery/rollout-readiness.ts";
import { followUpdate } from "../../../delivery/terminal/follow-update.ts";
import { LiveView } from "../../../delivery/terminal/live-view.ts";
import { describeChange, Progress } from "../../../delivery/terminal/progress.ts";
import { diagnostic, releaseOf, started } from "../engine/events.ts";

const inputs = { values: { release: "v1.4.0" } };
const begun = started("update", releaseOf("api"), { new: inputs });
/** The same step with another kind of event. */
const ended = (kind: "resOutputsEvent" | "resOpFailedEvent", { resourcePreEvent }: EngineEvent = begun) =>
  ({ sequence: 1, timestamp: 1, [kind]: resourcePreEvent }) as EngineEvent;

describe("progress", () => {
  it("says of each service how many of its new pods are ready, and for how long", () => {
    let now = 0;
    const progress = new Progress(() => now);
    progress.take(begun);
    now = 41_000;
    const [change] = progress.running;
    expect(change && describeChange(change, { ready: 2, desired: 3 })).toBe("api v1.4.0: 2 of 3 ready, 41 s");
    expect(change && describeChange(change)).toBe("api v1.4.0: updating, 41 s");
    const done = progress.take(ended("resOutputsEvent"));
    expect(done && describeChange(done)).toBe("api v1.4.0: ready, 41 s");
    expect(progress.running).toEqual([]);
  });

  it("says what failed", () => {
    const progress = new Progress(() => 0);
    progress.take(begun);
    const failed = progress.take(ended("resOpFailedEvent"));
    expect(failed && describeChange(failed)).toBe("api v1.4.0: failed after 0 s");
  });

  it("leaves out what does not change", () => {
    const progress = new Progress();
    expect(progress.take(started("same", releaseOf("web")))).toBeUndefined();
    expect(progress.take(started("create", "pulumi:providers:kubernetes::k8s"))).toBeUndefined();
  });
});

describe("readiness", () => {
  const workload = (status: object, generation = 2) =>
    ({ metadata: { generation }, spec: { replicas: 3 }, status }) as never;

  it.each([
    [
      "before the cluster has seen the change",
      { observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3 },
      0,
    ],
    [
      "with a first new pod that is not ready",
      { observedGeneration: 2, replicas: 4, updatedReplicas: 1, availableReplicas: 3 },
      0,
    ],
    [
      "with two new pods that are ready",
      { observedGeneration: 2, replicas: 4, updatedReplicas: 2, availableReplicas: 4 },
      2,
    ],
    ["with all pods replaced", { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }, 3],
    ["without pods", {}, 0],
  ])("counts new pods only: %s", (_, status, ready) => {
    expect(readinessOf(workload({ observedGeneration: 2, ...status }))).toEqual({ ready, desired: 3 });
  });
});

describe("the display of an update", () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-01-31T12:00:00Z") }));
  afterEach(() => void vi.useRealTimers());

  const display = (more: { isTTY?: boolean; verbose?: boolean } = {}) => {
    const stream = Object.assign(new PassThrough({ encoding: "utf8" }), {
      isTTY: more.isTTY ?? false,
      columns: 40,
      rows: 10,
    });
    // No cluster answers.
    const environment = {
      stack: "dev",
      config: { cluster: { target: "existing", context: "none" }, namespace: "shop" },
    };
    const follower = followUpdate(environment as unknown as StackEnvironment, {
      verbose: more.verbose ?? false,
      stream: stream as unknown as NodeJS.WriteStream,
    });
    return { follower, text: () => String(stream.read() ?? "") };
  };

  it("is lines with the time if there is no terminal", () => {
    const { follower, text } = display();
    follower.onEvent(begun);
    expect(text()).toBe("12:00:00 • api v1.4.0: updating, 0 s\n");
    vi.advanceTimersByTime(20_000);
    expect(text()).toBe("");
    vi.advanceTimersByTime(12_000);
    expect(text()).toMatch(/^12:00:3\d • api v1\.4\.0: updating, 3\d s\n$/);
    follower.onEvent(ended("resOutputsEvent"));
    expect(text()).toBe("12:00:32 ✔ api v1.4.0: ready, 32 s\n");
    follower.stop();
  });

  it("is a line that changes on a terminal", () => {
    const { follower, text } = display({ isTTY: true });
    follower.onEvent(begun);
    vi.advanceTimersByTime(1000);
    follower.stop();
    const shown = text();
    expect(shown).toContain("api v1.4.0: updating, 1 s");
    // Moved up and cleared before it is written again.
    expect(shown).toContain("\u001b[1A");
    expect(shown).toContain("\u001b[0J");
  });

  it("shows errors and warnings once, and the engine's own lines only under verbose", () => {
    const quiet = display();
    quiet.follower.onLine("Updating (dev):");
    quiet.follower.onEvent(diagnostic("error", "<{%fg 1%}>error: no such key<{%reset%}>"));
    quiet.follower.onLine("error: no such key");
    quiet.follower.onLine("warning: the disk is full");
    quiet.follower.stop();
    const shown = quiet.text();
    expect(shown.match(/no such key/g)).toHaveLength(1);
    expect(shown).toContain("warning: the disk is full");
    expect(shown).not.toContain("Updating");

    const loud = display({ verbose: true });
    loud.follower.onLine("Updating (dev):");
    loud.follower.stop();
    expect(loud.text()).toBe("Updating (dev):\n");
  });
});

it("a live view cuts lines that would wrap, and lines that would scroll away", () => {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns: 10, rows: 4 });
  const view = new LiveView(stream as unknown as NodeJS.WriteStream);
  view.show(["0123456789abc", "b", "c", "d"]);
  expect(String(stream.read())).toBe("01234567…\nb\n");
});
