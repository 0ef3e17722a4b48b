import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../../components/cluster/connection.ts";
import type { Answer } from "../../../components/cluster/dry-run.ts";
import type { ImagePlans } from "../../../components/images/images.ts";
import * as lastUpdate from "../../../components/last-update.ts";
import { dryRunServices } from "../../../components/rollout/dry-run.ts";
import * as policies from "../../../policy/violations.ts";
import { environmentOf } from "../../config/config-of.ts";

const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: {
    web: { build: { context: "web" }, port: 8080, resources, config: { GREETING: "hello" } },
    worker: { build: { context: "worker" }, resources },
  },
};
const DIGEST = `sha256:${"1".repeat(64)}`;

let rendered: { release_name: string; namespace: string; values: Record<string, unknown> }[];
let outputs: Record<string, unknown>;
let refuse: (kind: string, name: string) => Answer | undefined;
let asNew: boolean[];
let namespaces: string[];
let said: string[];
let broken: policies.Violation[];
/** Besides Deployment and Service. */
let kindsOfChart: string[];

beforeEach(() => {
  rendered = [];
  outputs = {};
  refuse = () => undefined;
  namespaces = ["shop"];
  said = [];
  kindsOfChart = [];
  asNew = [];
  broken = [];
  vi.spyOn(policies, "violationsOf").mockImplementation(() => broken);
  vi.spyOn(lastUpdate, "lastOutput").mockImplementation(async (name) => outputs[name] as never);
  vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(false);
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => {
    said.push(message);
  });
  vi.spyOn(pulumi.runtime, "invoke").mockImplementation(async (_, { jsonOpts }) => {
    const options = JSON.parse(jsonOpts as string);
    rendered.push(options);
    const metadata = { name: options.release_name, namespace: options.namespace };
    const spec = { template: { spec: { containers: [{ name: options.release_name }] } } };
    const kinds = [...new Set(["Deployment", "Service", ...kindsOfChart])];
    return { result: kinds.map((kind) => ({ kind, metadata, ...(kind === "Deployment" && { spec }) })) };
  });
  return () => vi.restoreAllMocks();
});

function dryRun({ digests = { web: DIGEST, worker: DIGEST } as Record<string, string>, own = {} } = {}) {
  const settings = environmentOf(shared, own);
  const services = settings.services.map((service) => ({ ...service, secrets: {}, fileTexts: {}, fileSecrets: {} }));
  const environment = { ...settings, services } as unknown as Parameters<typeof dryRunServices>[0]["environment"];
  const reader = {
    hasNamespace: async (name: string) => namespaces.includes(name),
    dryRun: {
      ask: async ({ kind, metadata }: { kind: string; metadata: { name: string } }, isNew: boolean) => {
        asNew.push(isNew);
        return refuse(kind, metadata.name) ?? "accepted";
      },
    },
  };
  const cluster = { options: {}, reader: async () => reader } as unknown as ClusterConnection;
  const byService = new Map(
    services.map(({ name }) => {
      const digest = digests[name];
      return [name, digest ? { action: "pushed" as const, digest } : { action: "build" as const, inputs: "x" }];
    }),
  );
  const plans: ImagePlans = { byService, deployedTags: undefined };
  return dryRunServices({ environment, cluster, repository: "registry.example.com/shop", plans });
}

const invalid = { message: "spec.template.spec.nodeSelector: Invalid value", isByWebhook: false };
const denied = { message: 'admission webhook "policy" denied the request: no', isByWebhook: true };

describe("the dry run of an update", () => {
  it("asks about every object of every service, with the image and the objects that it will have", async () => {
    const accepted = await dryRun();
    expect(Object.keys(accepted)).toEqual(["web", "worker"]);
    expect(rendered.map(({ release_name, namespace }) => [release_name, namespace])).toEqual([
      ["web", "shop"],
      ["worker", "shop"],
    ]);
    expect(rendered[0]?.values).toMatchObject({
      image: `registry.example.com/shop@${DIGEST}`,
      configName: "web-dry-run",
    });
    expect(rendered[1]?.values).not.toHaveProperty("configName");
  });

  it("asks about the Job of a migration too, and again when the migration changes", async () => {
    kindsOfChart = ["NetworkPolicy", "ServiceAccount"];
    const own = { services: { web: { migration: { command: ["/app"], phase: "expand" } } } };
    outputs.accepted = await dryRun();
    refuse = (kind) => (kind === "Job" ? invalid : undefined);
    await expect(dryRun({ own })).rejects.toThrow(/services\.web: its Job web-expand-\w+ is refused/);
    refuse = () => undefined;
    const accepted = await dryRun({ own });
    expect(accepted.worker).toBe((outputs.accepted as Record<string, string>).worker);
    expect(accepted.web).not.toBe((outputs.accepted as Record<string, string>).web);
  });

  it("does not ask again about what the last update has deployed", async () => {
    outputs.accepted = await dryRun();
    rendered.length = 0;
    await dryRun();
    expect(rendered).toEqual([]);
    await dryRun({ own: { services: { web: { config: { GREETING: "good evening" }, replicas: { min: 3 } } } } });
    expect(rendered.map(({ release_name }) => release_name)).toEqual(["web"]);
  });

  it("refuses the update with what the cluster says, and where the service is", async () => {
    refuse = (kind, name) => (kind === "Deployment" && name === "web" ? invalid : undefined);
    await expect(dryRun()).rejects.toThrow(
      /No service was changed\.\n {2}- services\.yaml: services\.web: its Deployment web is refused: spec\.template.* Invalid value\./,
    );
  });

  it("refuses for a policy of the cluster, but only warns while the image is not built", async () => {
    refuse = (kind) => (kind === "Deployment" ? denied : undefined);
    await expect(dryRun()).rejects.toThrow(/denied the request/);
    await dryRun({ digests: {} });
    expect(said).toEqual([
      expect.stringMatching(/^web: a policy of the cluster may refuse its Deployment web: admission webhook/),
      expect.stringMatching(/^worker: /),
    ]);
  });

  it("asks in another namespace if the service's own is not there yet", async () => {
    namespaces = [];
    await dryRun();
    expect(rendered.map(({ namespace }) => namespace)).toEqual(["default", "default"]);
    // What has the same names there is somebody else's, and so are the policies.
    expect(asNew).toEqual([true, true, true, true]);
    refuse = () => denied;
    await dryRun();
    expect(said).toHaveLength(4);
  });

  it("asks again next time about what it got no answer to", async () => {
    refuse = (_, name) => (name === "web" ? "unknown" : undefined);
    outputs.accepted = await dryRun();
    expect(Object.keys(outputs.accepted as object)).toEqual(["worker"]);
  });

  it("asks again in another namespace", async () => {
    outputs.accepted = await dryRun();
    rendered.length = 0;
    await dryRun({ own: { namespace: "shop-2" } });
    expect(rendered).toHaveLength(2);
  });

  it("only warns if an Ingress has the host that moves in this update", async () => {
    const taken = "admission webhook denied the request: host shop.example.com is already defined in ingress shop/old";
    refuse = (kind) => (kind === "Service" ? { message: taken, isByWebhook: true } : undefined);
    await dryRun();
    expect(said).toHaveLength(2);
  });

  it("ends an update that cannot ask, after several tries, but not a preview", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    refuse = () => {
      throw new Error("ECONNREFUSED");
    };
    const failed = expect(dryRun()).rejects.toThrow(/cannot be asked .*No service was changed\. ECONNREFUSED/);
    await vi.advanceTimersByTimeAsync(8_000);
    await failed;
    vi.mocked(pulumi.runtime.isDryRun).mockReturnValue(true);
    const previewed = dryRun();
    await vi.advanceTimersByTimeAsync(8_000);
    expect(await previewed).toEqual({});
    vi.useRealTimers();
  });

  describe("with a service that breaks a policy", () => {
    const rule = "replicas" as const;
    beforeEach(() => {
      broken = [{ rule, message: "Deployment web has one pod at least. Set replicas.min to 2 or more" }];
    });
    const only = { services: { worker: { enabled: false } } };
    const reason = "it may be away for a while";

    it("refuses an environment that keeps its data, together with what the cluster refuses", async () => {
      refuse = (kind) => (kind === "Service" ? invalid : undefined);
      await expect(dryRun({ own: only })).rejects.toThrow(
        /its Service web is refused: .*\n.*services\.web: breaks the policy replicas: Deployment web has one pod/,
      );
      refuse = () => undefined;
      await expect(dryRun({ own: only })).rejects.toThrow(/^The config breaks policies .*docs\/policy\.md/);
    });

    it("warns where policies are advisory, and is asked again next time: they may be stricter then", async () => {
      const own = { ...only, policies: { enforcement: "advisory" } };
      expect(await dryRun({ own })).toEqual({});
      expect(said).toEqual([expect.stringMatching(/^web breaks the policy replicas: /)]);
    });

    it("never refuses a rollback", async () => {
      vi.stubEnv("SLIPWAY_ACTION", "rollback");
      expect(await dryRun({ own: only })).toEqual({});
      vi.unstubAllEnvs();
    });

    it("says nothing where the environment makes an exception, or has nothing to lose", async () => {
      await dryRun({ own: { ...only, policies: { exceptions: [{ rule, name: "web", reason }] } } });
      await dryRun({ own: { ...only, protect: "none", policies: { enforcement: "mandatory" } } });
      expect(said).toEqual([]);
      const other = { rule, name: "api", reason };
      await expect(dryRun({ own: { ...only, policies: { exceptions: [other] } } })).rejects.toThrow(/replicas/);
    });
  });

  it("judges the service's own ConfigMaps too", async () => {
    vi.mocked(policies.violationsOf).mockRestore();
    const own = { services: { web: { config: { STRIPE: "sk_live_0123456789abcdef" } }, worker: { enabled: false } } };
    await expect(dryRun({ own })).rejects.toThrow(/ConfigMap config: STRIPE holds a Stripe key/);
  });
});
