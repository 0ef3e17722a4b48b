import type { V1Secret } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterReader } from "../../../components/cluster/reader.ts";
import { forgetUnrecordedInstalls, recordedReleases } from "../../../components/rollout/unrecorded-installs.ts";
import * as stateResources from "../../../components/state-resources.ts";
import type { Environment } from "../../../config/index.ts";
import { HELM_RELEASE } from "../../../config/naming.ts";
import { addonsOf } from "../../config/settings.ts";

const environment = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  services: [{ name: "api" }, { name: "web" }],
  addons: addonsOf({}, "existing"),
} as unknown as Environment;
const record = (name: string, namespace = "shop"): V1Secret => ({
  metadata: {
    name: `sh.helm.release.v1.${name}.v1`,
    namespace,
    labels: { name, version: "1" },
    resourceVersion: "7",
  },
});

let said: string[];
let urns: Set<string>;
beforeEach(() => {
  said = [];
  urns = new Set([stateResources.urnOfServices(HELM_RELEASE, "web")]);
  vi.spyOn(stateResources, "stateResources").mockImplementation(async () => urns);
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => void said.push(message));
  return () => vi.restoreAllMocks();
});

/** @returns the records that were deleted, and whether the state was read */
async function forget(
  records: V1Secret[],
  state: { known?: string[]; creating?: string[] } | Error,
): Promise<{ deleted: string[]; asked: boolean }> {
  const deleted: string[] = [];
  let asked = false;
  const reader = {
    revisionRecords: async (namespace: string, { name }: { name: string }) =>
      records.filter(({ metadata }) => metadata?.namespace === namespace && metadata.labels?.name === name),
    deleteRevision: async (_: string, { secret }: { secret: string }) => deleted.push(secret) > 0,
  };
  await forgetUnrecordedInstalls(reader as unknown as ClusterReader, environment, async () => {
    asked = true;
    if (state instanceof Error) throw state;
    return { known: new Set(state.known), creating: new Set(state.creating) };
  });
  return { deleted, asked };
}

it("deletes Helm's record of a service that the state was creating and does not have", async () => {
  const { deleted } = await forget([record("api")], { creating: ["shop/api"] });
  expect(deleted).toEqual(["sh.helm.release.v1.api.v1"]);
  expect(said).toEqual([expect.stringMatching(/^shop\/api: .*first time.*takes its objects over/)]);
});

it.each([
  ["is in the state", { known: ["shop/api"], creating: ["shop/api"] }],
  ["nobody was creating: it belongs to somebody else", {}],
])("leaves a release that %s", async (_, state) => {
  expect(await forget([record("api")], state)).toEqual({ deleted: [], asked: true });
});

it("does not export the stack if the state has all releases", async () => {
  expect(await forget([record("web")], { creating: ["shop/web"] })).toEqual({ deleted: [], asked: false });
});

it("does the same for an add-on", async () => {
  const creating = ["ingress/traefik"];
  expect((await forget([record("traefik", "ingress")], { creating })).deleted).toHaveLength(1);
  urns.add(stateResources.urnOfAddon("traefik"));
  expect((await forget([record("traefik", "ingress")], { creating })).asked).toBe(false);
});

it("goes on if the stack cannot be exported, and says what that may mean", async () => {
  expect((await forget([record("api")], new Error("spawn pulumi ENOENT"))).deleted).toEqual([]);
  expect(said).toEqual([expect.stringMatching(/cannot be exported \(spawn pulumi ENOENT\).*stuck-helm-release\.md/)]);
});

describe("an exported stack", () => {
  const type = "kubernetes:helm.sh/v3:Release";
  const release = (name: string) => ({ type, inputs: { name, namespace: "shop" } });

  it("says which releases it knows and which it was creating", () => {
    const { known, creating } = recordedReleases({
      deployment: {
        resources: [release("web"), { type: "kubernetes:core/v1:Secret", inputs: {} }],
        pending_operations: [
          { type: "creating", resource: release("api") },
          { type: "updating", resource: release("web") },
        ],
      },
    });
    expect([...known]).toEqual(["shop/web"]);
    expect([...creating]).toEqual(["shop/api"]);
  });

  it("may have nothing", () => {
    expect(recordedReleases({})).toEqual({ known: new Set(), creating: new Set() });
  });
});
