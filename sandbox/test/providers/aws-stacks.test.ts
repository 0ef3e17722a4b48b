import { beforeAll, describe, expect, test } from "vitest";
import { type Declared, type Run, runProgram, type Situation } from "../../../test/components/aws/program-run.ts";
import type { InputRule } from "../../providers/aws/resource.ts";
import { AwsResourceHandler } from "../../providers/aws/resource-handler.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { resources } from "../../providers/aws/resources.ts";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { FakeAccount, operation } from "./aws-fakes.ts";

/** The stacks as they are, and what their files could ask for besides. */
const SITUATIONS: Record<string, Situation> = {
  prod: { stack: "prod" },
  dev: { stack: "dev" },
  "prod with the rest": {
    stack: "prod",
    environment: {
      cluster: {
        nodeGroup: { instanceTypes: ["m6i.large", "t3.medium"], autoscaler: "cluster-autoscaler" },
        addonVersions: { coredns: "v1.12.4-eksbuild.1" },
      },
      registry: { readers: ["210987654321"] },
    },
  },
};

const runs = new Map<string, Run>();
beforeAll(async () => {
  for (const [name, situation] of Object.entries(SITUATIONS)) runs.set(name, await runProgram(situation));
}, 60_000);

const declaredIn = (name: string): Declared[] =>
  (runs.get(name)?.declared ?? []).filter(({ type }) => type.startsWith("aws:"));

/** What the stand-in finds wrong with a resource, its type included. */
async function refusals({ type, name, inputs }: Declared): Promise<string[]> {
  const resource = resources[type];
  if (!resource) return [`${type} ${name}: not served`];
  const handler = new AwsResourceHandler(resourceType(type, resource), new FakeAccount(), {});
  const news = JSON.parse(JSON.stringify(inputs)) as PropertyMap;
  const { failures } = await handler.check({ olds: {}, news, namingDisabled: false }, { ...operation(), name });
  return failures.map(({ property, reason }) => `${type} ${name} ${property}: ${reason}`);
}

describe.each(Object.keys(SITUATIONS))("the stack %s", (name) => {
  test("declares nothing in AWS that the stand-in does not take", async () => {
    expect(runs.get(name)?.error).toBeUndefined();
    expect(declaredIn(name).length).toBeGreaterThan(50);
    expect((await Promise.all(declaredIn(name).map(refusals))).flat()).toEqual([]);
  });
});

/** Paths of the properties that are given, lists passed over: `vpcConfig.subnetIds`. */
function given(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => given(item, path))];
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => given(item, path ? `${path}.${key}` : key))];
}

/** Paths of the properties that are taken. */
function taken(rules: Record<string, InputRule>, path = ""): string[] {
  return Object.entries(rules).flatMap(([key, rule]) => {
    const at = path ? `${path}.${key}` : key;
    return rule.output ? [] : [at, ...taken(rule.fields ?? {}, at)];
  });
}

test("the stand-in takes nothing that no stack declares: it is no more than the program needs", () => {
  const declared = Object.keys(SITUATIONS).flatMap(declaredIn);
  const idle = Object.entries(resources).flatMap(([type, { autoname, inputs }]) => {
    const used = new Set(declared.filter((one) => one.type === type).flatMap((one) => given(one.inputs)));
    const named = [autoname ?? "name"];
    return taken(inputs).flatMap((path) => (used.has(path) || named.includes(path) ? [] : [`${type} ${path}`]));
  });
  expect(idle).toEqual([]);
});
