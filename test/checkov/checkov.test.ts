import { beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../components/aws/program-run.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { MUTATIONS, mutate } from "./mutations.ts";
import { type Finding, type Report, scan } from "./scan.ts";
import { terraformPlan } from "./terraform-plan.ts";

let reports: Record<"prod" | "dev" | "mutated", Report>;

beforeAll(async () => {
  // With the preview role, which prod does not have by default.
  const prod = await runProgram({ stack: "prod", environment: { delivery: { github: { previews: "environment" } } } });
  const dev = await runProgram({ stack: "dev" });
  expect([prod.error, dev.error]).toEqual([undefined, undefined]);
  reports = await scan({
    prod: await terraformPlan(prod.declared),
    dev: await terraformPlan(dev.declared),
    mutated: await terraformPlan(mutate(prod.declared)),
  });
});

const key = ({ check, resource }: Pick<Finding, "check" | "resource">) => `${check} ${resource}`;

describe.each(["prod", "dev"] as const)("the stack %s", (stack) => {
  const excepted = EXCEPTIONS.filter((exception) => exception.stack === undefined || exception.stack === stack).flatMap(
    ({ check, resources }) => resources.map((resource) => `${check} ${resource.replace("<stack>", stack)}`),
  );

  it("passes every check of checkov except the documented exceptions", () => {
    const { failed } = reports[stack];
    expect(failed.filter((finding) => !excepted.includes(key(finding)))).toEqual([]);
  });

  it("has no exception that no longer applies", () => {
    const failed = reports[stack].failed.map(key);
    expect(excepted.filter((exception) => !failed.includes(exception))).toEqual([]);
  });
});

it.each(MUTATIONS.map(({ resource, fails }) => [resource, fails] as const))(
  "fails %s without its protection",
  (_, fails) => {
    expect(reports.mutated.failed.map(key)).toEqual(expect.arrayContaining([...fails]));
    // A check that fails on prod too would prove nothing.
    expect(reports.prod.passed.map(key)).toEqual(expect.arrayContaining([...fails]));
  },
);
