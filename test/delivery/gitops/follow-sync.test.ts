import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readEnvironment } from "../../../delivery/environment.ts";
import type { Application } from "../../../delivery/gitops/application-state.ts";
import { followSync } from "../../../delivery/gitops/follow-sync.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { captureOutput } from "../machine.ts";
import { projectFiles, stackText } from "../project.ts";

const COMMIT = "c".repeat(40);
const published = (waitFor: string[]) => ({
  repository: "https://git.example.com/manifests.git",
  branch: "env/dev",
  commit: COMMIT,
  services: [{ name: "api", from: "v1", to: "v2" }],
  waitFor,
});

function environment() {
  const root = temporaryFolder();
  mkdirSync(join(root, "stacks"));
  for (const [file, text] of Object.entries(projectFiles({ dev: stackText("localhost/shop") })))
    writeFileSync(join(root, file), text);
  return readEnvironment(root, "dev", stackText("localhost/shop"));
}

const application = (service: string, status: Application["status"] = {}): Application => ({
  metadata: { name: `dev-${service}`, labels: { "slipway.dev/service": service } },
  status,
});
const healthy = { sync: { status: "Synced", revision: COMMIT }, health: { status: "Healthy" } };
const pending = { sync: { status: "OutOfSync", revision: COMMIT } };

beforeEach(() => {
  captureOutput();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Answers one after the other; the last one again and again. An error is thrown. */
function answers(...all: (Application[] | Error)[]) {
  let next = 0;
  return async () => {
    const answer = all[Math.min(next++, all.length - 1)] ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

describe("a deploy follows Argo CD", () => {
  it("until all services are rolled out", async () => {
    const read = answers([application("api", pending)], [application("api", healthy)]);
    expect(await followSync(environment(), published(["api"]), { read })).toEqual({
      services: [{ name: "api", from: "v1", to: "v2" }],
    });
  });

  it("and fails with the reason if one cannot be, also if this deploy has not changed it", async () => {
    const degraded = {
      ...healthy,
      health: { status: "Degraded" },
      resources: [{ kind: "Deployment", name: "web", health: { status: "Degraded", message: "deadline exceeded" } }],
    };
    const read = answers([application("api", healthy), application("web", degraded)]);
    const { failure } = await followSync(environment(), published(["api", "web"]), { read });
    expect(failure).toBe("web: Deployment web: deadline exceeded");
  });

  it("and leaves the commit if Argo CD does not read it, because it would not read a revert either", async () => {
    const before = { sync: { status: "Synced", revision: "b".repeat(40) }, health: { status: "Healthy" } };
    const error = { ...before, conditions: [{ type: "ComparisonError", message: "no such host" }] };
    const environments = environment();
    for (const [status, reason] of [
      [before, "not seen the commit"],
      [error, "no such host"],
    ] as const) {
      const read = answers([application("api", status)]);
      const followed = await followSync(environments, published(["api"]), { read, noticeSeconds: 0 });
      expect(followed.failure).toBeUndefined();
      expect(followed.unnoticed).toContain(reason);
      expect(followed.unnoticed).toContain("run the same command again");
      expect(followed.services).toMatchObject([{ name: "api", failed: true }]);
    }
  });

  it("and says so if this shell may not look", async () => {
    const read = answers(new Error("applications.argoproj.io is forbidden"));
    expect(await followSync(environment(), published(["api"]), { read })).toMatchObject({
      unknown: expect.stringContaining("is forbidden"),
    });
  });

  it("and looks again if one look fails in between", async () => {
    const read = answers([application("api", pending)], new Error("timeout"), [application("api", healthy)]);
    const followed = await followSync(environment(), published(["api"]), { read });
    expect([followed.unknown, followed.failure]).toEqual([undefined, undefined]);
  });

  it("not after an interrupt", async () => {
    const read = answers([application("api", pending)]);
    const followed = await followSync(environment(), published(["api"]), { read, signal: () => true });
    expect(followed.unknown).toContain("Argo CD goes on");
  });
});
