import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterReader, PendingRevision } from "../../../components/cluster/reader.ts";
import { clearStuckReleases } from "../../../components/rollout/clear-stuck-releases.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf } from "../../config/settings.ts";

const environment = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  services: [{ name: "api", rollout: { timeoutSeconds: 60 } }],
  addons: addonsOf({}, "existing"),
} as unknown as Environment;

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const revision = (release: string, since: Date): PendingRevision => ({
  secret: `sh.helm.release.v1.${release}.v2`,
  release,
  status: "pending-upgrade",
  since,
  resourceVersion: "7",
});

/** A cluster with these pending revisions by namespace, and Services. Deleted ones are gone from it. */
function clusterWith(pending: Record<string, PendingRevision[]>, services: string[] = []) {
  const deleted: string[] = [];
  const reader = {
    deleteService: async (_: string, name: string) => {
      const at = services.indexOf(name);
      if (at >= 0) services.splice(at, 1);
      return at >= 0;
    },
    pendingRevisions: async (namespace: string) =>
      (pending[namespace] ?? []).filter(({ secret }) => !deleted.includes(secret)),
    deleteRevision: async (_: string, { secret }: PendingRevision) => deleted.push(secret) > 0,
    revisionRecords: async () => [],
  };
  return { deleted, connect: async () => reader as unknown as ClusterReader };
}

let said: string[];
let preview: boolean;
beforeEach(() => {
  said = [];
  preview = false;
  const note = async (message: string) => {
    said.push(message);
  };
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(pulumi.log, "warn").mockImplementation(note);
  vi.spyOn(pulumi.log, "info").mockImplementation(note);
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
});

/** Runs it to its end. @returns the seconds that it waited */
async function clear(cluster: ReturnType<typeof clusterWith>): Promise<number> {
  const start = Date.now();
  const cleared = clearStuckReleases(cluster.connect, environment);
  await vi.runAllTimersAsync();
  await cleared;
  return (Date.now() - start) / 1000;
}

it("deletes a service's pending revision once Helm's timeout for it has passed", async () => {
  const cluster = clusterWith({ shop: [revision("api", ago(61))] });
  await clearStuckReleases(cluster.connect, environment);
  expect(cluster.deleted).toEqual(["sh.helm.release.v1.api.v2"]);
  expect(said).toEqual([expect.stringMatching(/^api: .*interrupted \(pending-upgrade\).*v1\.api\.v2/)]);
});

it("waits until then, and says for how long", async () => {
  const cluster = clusterWith({ shop: [revision("api", ago(20))] });
  expect(await clear(cluster)).toBe(40);
  expect(said).toEqual([expect.stringMatching(/^api: .* 40 s/), expect.stringContaining("was deleted")]);
});

describe("a release with a gate", () => {
  it("is cleared 10 s after its gate was deleted, if no Helm has ended it by then", async () => {
    const services = ["api", "api-rollout"];
    const cluster = clusterWith({ shop: [revision("api", ago(20))] }, services);
    expect(await clear(cluster)).toBe(10);
    expect(said[0]).toMatch(/^api: .* up to 10 s/);
    expect(services).toEqual(["api"]);
    expect(cluster.deleted).toEqual(["sh.helm.release.v1.api.v2"]);
  });

  it("is left alone while a living Helm creates the gate again", async () => {
    const services = ["api-rollout"];
    const cluster = clusterWith({ shop: [revision("api", ago(1))] }, services);
    setTimeout(() => services.push("api-rollout"), 7_000);
    expect(await clear(cluster)).toBe(18);
    expect(services).toEqual([]);
  });
});

it("clears the add-ons that the environment runs, in their own namespaces", async () => {
  const cluster = clusterWith({
    ingress: [revision("traefik", ago(181))],
    "kube-system": [revision("metrics-server", ago(181)), revision("descheduler", ago(181))],
  });
  await clearStuckReleases(cluster.connect, environment);
  expect(cluster.deleted.sort()).toEqual(["sh.helm.release.v1.metrics-server.v2", "sh.helm.release.v1.traefik.v2"]);
});

it("leaves releases of others alone", async () => {
  const cluster = clusterWith({ shop: [revision("theirs", ago(9999))] });
  await clearStuckReleases(cluster.connect, environment);
  expect(cluster.deleted).toEqual([]);
});

it("does nothing in a preview", async () => {
  preview = true;
  const cluster = clusterWith({ shop: [revision("api", ago(9999))] });
  await clearStuckReleases(cluster.connect, environment);
  expect(cluster.deleted).toEqual([]);
});

it("fails if the cluster does not answer", async () => {
  const reader = {
    pendingRevisions: async () => {
      throw Object.assign(new Error("connect failed"), { code: "ECONNREFUSED" });
    },
  };
  const connect = async () => reader as unknown as ClusterReader;
  await expect(clearStuckReleases(connect, environment)).rejects.toThrow(/ECONNREFUSED.*Nothing in it was changed/);
});
