import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ACCOUNT,
  ADMIN,
  accountFunctions,
  createdProperties,
  type Functions,
  REGION,
} from "../aws/lookup/fake-account.ts";
import { ManifestStore, serve } from "./registry-server.ts";

// No cluster answers here.
vi.mock("../../../components/rollout/prepare-rollouts.ts", () => ({ prepareRollouts: async () => {} }));
vi.mock("../../../components/rollout/dry-run.ts", () => ({ dryRunServices: async () => ({}) }));
vi.mock("../../../components/rollout/watch.ts", () => ({ watchRollout: () => {} }));

const RELEASE = "kubernetes:helm.sh/v3:Release";
const SERVICES = ["web", "api", "orders", "worker"];
/** Long enough for a release that does not wait to come first. */
const PUSH_MILLISECONDS = 100;

const targets = {
  eks: {
    aws: { accountId: ACCOUNT, region: REGION },
    images: { build: "never" },
    protect: "none",
    cluster: {
      target: "eks",
      version: "1.36",
      admins: [ADMIN],
      api: { publicCidrs: ["203.0.113.0/24"] },
      nodeGroup: { instanceTypes: ["m6i.large"], min: 3, max: 3 },
    },
  },
  existing: { cluster: { target: "existing", context: "here" } },
};

let store: ManifestStore;
let address: string;
let close: () => Promise<void>;
/** The registry's tags when a service's release was changed. */
let tagsAtRollout: Record<string, Record<string, string>>;

beforeEach(async () => {
  store = new ManifestStore();
  for (const service of SERVICES) store.push(`${service}-v1.0.0`, `${service} v1.0.0`);
  store.pushMilliseconds = PUSH_MILLISECONDS;
  ({ address, close } = await serve(store.answer));
  tagsAtRollout = {};
});
afterEach(() => close());

/** Runs index.ts to its end, as the engine does. */
async function run(target: keyof typeof targets, kind: "update" | "preview", release = "v1.0.0"): Promise<void> {
  const noNodes: Functions = { "aws:eks/getNodeGroups:getNodeGroups": () => ({ names: [] }) };
  const functions: Functions = { ...accountFunctions(address), ...noNodes };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (type === "pulumi:pulumi:StackReference") return { id: name, state: { ...inputs, outputs: {} } };
        if (type !== RELEASE) return { id: `${name}-id`, state: createdProperties(type, name, inputs) };
        tagsAtRollout[name] = { ...store.tags };
        return { id: `${name}-id`, state: { ...inputs, status: { status: "deployed" } } };
      },
      call: ({ token, inputs }) => {
        const answer = functions[token];
        if (answer === undefined) throw new Error(`the account knows no function ${token}`);
        return answer(inputs);
      },
    },
    "slipway",
    "prod",
    kind === "preview",
    "organization",
  );
  const environment: object = { ...targets[target] };
  const images = { build: "never", ...(target === "existing" && { repository: `${address}/shop` }) };
  pulumi.runtime.setAllConfig(
    {
      "slipway:release": release,
      "slipway:secret.api.DB_PASSWORD": "hunter2",
      "slipway:environment": JSON.stringify({ ...environment, images }),
    },
    ["slipway:secret.api.DB_PASSWORD"],
  );
  vi.resetModules();
  await pulumi.runtime.runInPulumiStack(() => import("../../../index.ts"));
  await pulumi.runtime.disconnect();
}

const slot = (service: string, name: string) => `deployed.prod.${service}.${name}`;
const marks = (tags: Record<string, string>) => Object.keys(tags).filter((tag) => tag.startsWith("deployed."));

describe("on EKS", () => {
  it("an update tags each image before it changes the release, and ends when all are tagged", async () => {
    await run("eks", "update");
    for (const service of SERVICES) {
      const digest = store.tags[`${service}-v1.0.0`];
      expect(tagsAtRollout[service]?.[slot(service, "next")], service).toBe(digest);
      expect(tagsAtRollout[service], service).not.toHaveProperty([slot(service, "current")]);
      expect(store.tags[slot(service, "current")], service).toBe(digest);
    }
  });

  it("the next release is tagged as current, and the one before as previous", async () => {
    await run("eks", "update");
    for (const service of SERVICES) store.push(`${service}-v1.1.0`, `${service} v1.1.0`);
    await run("eks", "update", "v1.1.0");
    for (const service of SERVICES) {
      expect(tagsAtRollout[service]).toMatchObject({
        [slot(service, "next")]: store.tags[`${service}-v1.1.0`],
        [slot(service, "current")]: store.tags[`${service}-v1.0.0`],
      });
      expect(store.tags).toMatchObject({
        [slot(service, "previous")]: store.tags[`${service}-v1.0.0`],
        [slot(service, "current")]: store.tags[`${service}-v1.1.0`],
      });
    }
  });

  it("an update that changes nothing reads two tags of each service, and sets none", async () => {
    await run("eks", "update");
    store.requests.length = 0;
    await run("eks", "update");
    const wanted = SERVICES.flatMap((service) => [`HEAD ${service}-v1.0.0`, `HEAD ${slot(service, "current")}`]);
    expect(store.requests.sort()).toEqual(wanted.sort());
  });

  it("a preview neither sets nor reads any", async () => {
    await run("eks", "preview");
    expect(store.requests.sort()).toEqual(SERVICES.map((service) => `HEAD ${service}-v1.0.0`).sort());
    expect(marks(store.tags)).toEqual([]);
  });
});

describe("on an existing cluster", () => {
  it("an update sets no tags", async () => {
    await run("existing", "update");
    expect(Object.keys(tagsAtRollout)).toEqual(expect.arrayContaining(SERVICES));
    expect(store.requests.sort()).toEqual(SERVICES.map((service) => `HEAD ${service}-v1.0.0`).sort());
  });
});
