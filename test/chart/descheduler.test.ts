import type { V1ClusterRole, V1ConfigMap } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { containerOf, podTemplateOf } from "./pod.ts";
import { only, render, rulesOf, type Values } from "./render.ts";

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

  it("moves pods with a scratch volume, but neither a service's only pod nor one with a lasting volume", async () => {
    const [evictor] = (await policyOf()).profiles.flatMap(({ pluginConfig }) => pluginConfig);
    expect(evictor).toEqual({
      name: "DefaultEvictor",
      args: {
        nodeFit: true,
        minReplicas: 2,
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
