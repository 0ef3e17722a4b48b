import { describe, expect, it } from "vitest";
import { ContainerInsights } from "../../../../components/aws/cluster/container-insights.ts";
import { NetworkAddons } from "../../../../components/aws/cluster/eks-addons.ts";
import { declareAll, dependenciesOf } from "../declared.ts";

const ADDON = "aws:eks/addon:Addon";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";

const declare = (over: Partial<ConstructorParameters<typeof ContainerInsights>[1]> = {}) =>
  declareAll(
    (opts) =>
      new ContainerInsights(
        "shop-prod",
        {
          clusterName: "shop-prod",
          config: { logs: true, logRetentionDays: 60 },
          kmsKeyArn: "arn:key",
          protect: "data",
          ...over,
        },
        opts,
      ),
  );

describe("ContainerInsights", () => {
  it("is the add-on, with metrics of pods and logs, and without agents in the services' pods", async () => {
    const { inputs, opts } = (await declare()).one(ADDON);
    expect(inputs).toMatchObject({ clusterName: "shop-prod", addonName: "amazon-cloudwatch-observability" });
    expect(opts.ignoreChanges).toEqual(["addonVersion"]);
    expect(JSON.parse(inputs.configurationValues as string)).toEqual({
      agent: { config: { logs: { metrics_collected: { kubernetes: { enhanced_container_insights: true } } } } },
      manager: { applicationSignals: { autoMonitor: { monitorAllServices: false } } },
      containerLogs: { enabled: true },
    });
    expect((await declare({ version: "v4.5.0-eksbuild.1" })).one(ADDON).inputs.addonVersion).toBe("v4.5.0-eksbuild.1");
  });

  it("keeps its log groups encrypted and for the given time, and creates them before the add-on would", async () => {
    const declared = await declare();
    const groups = declared.all.filter(({ type }) => type === GROUP);
    expect(groups.map(({ inputs }) => inputs.name).sort()).toEqual(
      ["application", "dataplane", "host", "performance"].map((group) => `/aws/containerinsights/shop-prod/${group}`),
    );
    for (const { inputs, opts } of groups) {
      expect(inputs).toMatchObject({ retentionInDays: 60, kmsKeyId: "arn:key" });
      expect(opts.protect).toBe(true);
    }
    expect(await dependenciesOf(declared.one(ADDON))).toEqual(
      expect.arrayContaining(groups.map(({ name }) => `${GROUP} ${name}`)),
    );
    const unprotected = (await declare({ protect: "none" })).all.filter(({ type }) => type === GROUP);
    expect(unprotected.map(({ opts }) => opts.protect)).toEqual([false, false, false, false]);
  });

  it("keeps the log groups when only the containers' logs are turned off", async () => {
    const declared = await declare({ config: { logs: false, logRetentionDays: 60 } });
    expect(declared.named(GROUP)).toHaveLength(4);
    expect(JSON.parse(declared.one(ADDON).inputs.configurationValues as string).containerLogs).toEqual({
      enabled: false,
    });
  });

  it("gets its role, of one service account, with the network add-ons, and only if it is installed", async () => {
    const cluster = { name: "shop-prod", arn: "arn:cluster" };
    const association = async (containerInsights: boolean) =>
      (await declareAll((opts) => new NetworkAddons("n", { cluster, containerInsights }, opts))).all.find(
        ({ type, name }) => /PodIdentityAssociation$/.test(type) && name === "n-cloudwatch",
      );
    expect((await association(true))?.inputs).toMatchObject({
      namespace: "amazon-cloudwatch",
      serviceAccount: "cloudwatch-agent",
    });
    expect(await association(false)).toBeUndefined();
  });
});
