import type { KubernetesObject } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it, vi } from "vitest";
import { createKinds } from "../../../components/addons/kinds.ts";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import * as lastUpdate from "../../../components/last-update.ts";
import * as stateResources from "../../../components/state-resources.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf } from "../../config/settings.ts";

const environment = (argoCd: object) =>
  ({
    name: "prod",
    namespace: "shop",
    cluster: { target: "existing", context: "here" },
    services: [],
    addons: addonsOf({ argoCd } as Parameters<typeof addonsOf>[0], "existing"),
  }) as unknown as Environment;

let created: KubernetesObject[];
let preview: boolean;
let state: Set<string>;
beforeEach(() => {
  created = [];
  preview = false;
  state = new Set();
  vi.spyOn(pulumi.runtime, "isDryRun").mockImplementation(() => preview);
  vi.spyOn(lastUpdate, "lastOutput").mockResolvedValue(undefined);
  vi.spyOn(stateResources, "stateResources").mockImplementation(async () => state);
  vi.spyOn(pulumi.runtime, "invoke").mockResolvedValue({
    result: [
      { kind: "CustomResourceDefinition", metadata: { name: "applications.argoproj.io", annotations: { keep: "it" } } },
      { kind: "Deployment", metadata: { name: "argocd-repo-server" } },
    ],
  });
  return () => vi.restoreAllMocks();
});

const reader = { objects: { createIfMissing: async (object: KubernetesObject) => void created.push(object) } };
const cluster = { options: { provider: {} }, reader: async () => reader } as unknown as ClusterConnection;

it("kinds are created before the release that installs them, as its own", async () => {
  await createKinds(environment({ enabled: true }), cluster);
  expect(created).toEqual([
    {
      kind: "CustomResourceDefinition",
      metadata: {
        name: "applications.argoproj.io",
        labels: { "app.kubernetes.io/managed-by": "Helm" },
        annotations: {
          keep: "it",
          "meta.helm.sh/release-name": "argo-cd",
          "meta.helm.sh/release-namespace": "shop-argocd",
        },
      },
    },
  ]);
});

it("kinds are left to Helm once the state has the release", async () => {
  state.add(stateResources.urnOfAddon("argo-cd"));
  await createKinds(environment({ enabled: true }), cluster);
  expect(created).toEqual([]);
});

it.each([
  ["a preview", true, { enabled: true }],
  ["an environment without such add-ons", false, { enabled: false }],
])("kinds are not created by %s", async (_, isPreview, argoCd) => {
  preview = isPreview;
  await createKinds(environment(argoCd), cluster);
  expect(created).toEqual([]);
});
