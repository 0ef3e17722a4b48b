import { beforeAll, describe, expect, test } from "vitest";
import { AwsResourceHandler } from "../../sandbox/providers/aws/resource-handler.ts";
import { resourceType } from "../../sandbox/providers/aws/resource-type.ts";
import { resources } from "../../sandbox/providers/aws/resources.ts";
import type { PropertyMap } from "../../sandbox/providers/protocol/value.ts";
import { type Declared, type Run, runProgram } from "../components/aws/program-run.ts";
import { FakeAccount, operation } from "./aws-fakes.ts";

const runs = new Map<string, Run>();
beforeAll(async () => {
  runs.set("prod", await runProgram({ stack: "prod" }));
  runs.set("dev", await runProgram({ stack: "dev" }));
});

/** What the stand-in finds wrong with a resource, its type included. */
async function refusals({ type, name, inputs }: Declared): Promise<string[]> {
  const resource = resources[type];
  if (!resource) return [`${type} ${name}: not served`];
  const handler = new AwsResourceHandler(resourceType(type, resource), new FakeAccount(), {});
  const news = JSON.parse(JSON.stringify(inputs)) as PropertyMap;
  const { failures } = await handler.check({ olds: {}, news, namingDisabled: false }, { ...operation(), name });
  return failures.map(({ property, reason }) => `${type} ${name} ${property}: ${reason}`);
}

describe.each(["prod", "dev"])("the stack %s", (stack) => {
  test("declares nothing in AWS that the stand-in does not take", async () => {
    const { declared, error } = runs.get(stack) as Run;
    expect(error).toBeUndefined();
    const inAws = declared.filter(({ type }) => type.startsWith("aws:"));
    expect(inAws.length).toBeGreaterThan(50);
    expect((await Promise.all(inAws.map(refusals))).flat()).toEqual([]);
  });
});
