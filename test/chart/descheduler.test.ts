import type {
  V1ClusterRole,
  V1ConfigMap,
  V1CronJob,
  V1NetworkPolicy,
  V1Role,
  V1RoleBinding,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { containerOf, podTemplateOf } from "./pod.ts";
import { kindsOf, only, render, rulesOf, type Values } from "./render.ts";

const descheduler = (values: Values = {}) => render("descheduler", { namespaces: ["shop"], ...values });

interface Policy {
  maxNoOfPodsToEvictPerNode: number;
  profiles: {
    pluginConfig: { name: string; args: Record<string, unknown> }[];
    plugins: { balance: { enabled: string[] } };
  }[];
}

async function policyOf(values: Values = {}): Promise<Policy> {
  const { data } = only<V1ConfigMap>(await descheduler(values), "ConfigMap");
  return parse(data?.["policy.yaml"] ?? "") as Policy;
}

describe("the descheduler", () => {
  it("only spreads pods again, a few at a time", async () => {
    const { maxNoOfPodsToEvictPerNode, profiles } = await policyOf();
    expect(maxNoOfPodsToEvictPerNode).toBe(2);
    expect(profiles.flatMap(({ plugins }) => Object.entries(plugins))).toEqual([
      ["balance", { enabled: ["RemoveDuplicates", "RemovePodsViolatingTopologySpreadConstraint"] }],
    ]);
  });

  it("moves pods of the namespaces that it is given, and requires one", async () => {
    const { profiles } = await policyOf({ namespaces: ["shop", "billing"] });
    const strategies = profiles
      .flatMap(({ pluginConfig }) => pluginConfig)
      .filter(({ name }) => name !== "DefaultEvictor");
    expect(strategies).toHaveLength(2);
    for (const { args } of strategies) expect(args.namespaces).toEqual({ include: ["shop", "billing"] });
    await expect(descheduler({ namespaces: [] })).rejects.toThrow(/at '\/namespaces'/);
  });

  it("moves pods with a scratch volume, but neither a service's only pod, nor one with a lasting volume, nor one that asks to stay", async () => {
    const [evictor] = (await policyOf()).profiles.flatMap(({ pluginConfig }) => pluginConfig);
    expect(evictor).toEqual({
      name: "DefaultEvictor",
      args: {
        nodeFit: true,
        minReplicas: 2,
        noEvictionPolicy: "Mandatory",
        podProtections: { defaultDisabled: ["PodsWithLocalStorage"], extraEnabled: ["PodsWithPVC"] },
      },
    });
  });

  it("looks at the interval that it is given", async () => {
    expect(containerOf(await descheduler()).args).toContain("--descheduling-interval=5m");
    expect(containerOf(await descheduler({ intervalMinutes: 30 })).args).toContain("--descheduling-interval=30m");
  });

  it("starts again when its policy changes, which it reads only once", async () => {
    const checksum = async (values: Values) =>
      podTemplateOf(await descheduler(values)).metadata?.annotations?.["checksum/policy"];
    expect(await checksum({ namespaces: ["billing"] })).not.toBe(await checksum({}));
    expect(await checksum({ intervalMinutes: 30 })).toBe(await checksum({}));
  });

  it("may evict pods but not delete them", async () => {
    const rules = rulesOf(only<V1ClusterRole>(await descheduler(), "ClusterRole"));
    expect(rules.filter((rule) => !rule.endsWith(" get,list,watch"))).toEqual([
      "pods/eviction create",
      "events create,update,patch",
    ]);
    expect(rules.join()).not.toContain("secrets");
  });
});

describe("the run of the descheduler after a deploy", () => {
  const afterDeploy = (values: Values = {}) => descheduler({ afterDeploy: true, ...values });
  const NAME = "web-after-deploy";

  it("is only there if it is asked for, and changes nothing of the rest", async () => {
    const without = await descheduler();
    expect(kindsOf(without)).not.toContain("CronJob");
    const objects = await afterDeploy();
    expect(objects.filter(({ metadata }) => metadata?.name !== NAME)).toEqual(without);
  });

  it("is a CronJob that never fires, and whose Job looks once and has an end", async () => {
    const { spec } = only<V1CronJob>(await afterDeploy(), "CronJob");
    expect(spec).toMatchObject({ suspend: true, schedule: "0 0 31 2 *" });
    expect(spec?.jobTemplate.spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 60 });
    expect(containerOf(await afterDeploy()).args).toContain("--descheduling-interval=0s");
  });

  it("has the same policy as the descheduler, for one pod", async () => {
    const { annotations } = podTemplateOf(await afterDeploy()).metadata ?? {};
    const { profiles, ...limits } = parse(annotations?.["slipway.dev/policy"] ?? "") as Policy;
    expect(profiles).toEqual((await policyOf()).profiles);
    expect(limits).toMatchObject({
      maxNoOfPodsToEvictPerNode: 1,
      maxNoOfPodsToEvictPerNamespace: 1,
      maxNoOfPodsToEvictTotal: 1,
    });
  });

  it("evicts in the services' namespaces only, and reads the rest", async () => {
    const objects = await afterDeploy({ namespaces: ["shop", "billing"] });
    const everywhere = rulesOf(only<V1ClusterRole>(objects, "ClusterRole", NAME));
    expect(everywhere.filter((rule) => !rule.endsWith(" get,list,watch"))).toEqual([]);
    const roles = objects.filter(({ kind }) => kind === "Role") as V1Role[];
    expect(roles.map(({ metadata }) => metadata?.namespace)).toEqual(["shop", "billing"]);
    for (const role of roles) expect(rulesOf(role)).toEqual(["pods/eviction create", "events create,update,patch"]);
    const bindings = objects.filter(({ kind }) => kind === "RoleBinding") as V1RoleBinding[];
    expect(bindings.map(({ metadata }) => metadata?.namespace)).toEqual(["shop", "billing"]);
    for (const { subjects } of bindings) {
      expect(subjects).toEqual([{ kind: "ServiceAccount", name: NAME, namespace: "shop" }]);
    }
  });

  it("takes no pod's place, is no pod of the Deployment, and is reached by nobody", async () => {
    const objects = await afterDeploy();
    const { metadata, spec } = podTemplateOf(objects);
    expect(spec).not.toHaveProperty("priorityClassName");
    expect(metadata?.labels?.["app.kubernetes.io/instance"]).toBe(NAME);
    expect(only<V1NetworkPolicy>(objects, "NetworkPolicy", NAME).spec).toMatchObject({
      podSelector: { matchLabels: { "app.kubernetes.io/instance": NAME } },
      ingress: [],
    });
  });
});
