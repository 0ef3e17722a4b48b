import { beforeAll, expect, it } from "vitest";
import { policiesFor, resolvePolicies } from "../../config/policy-rules.ts";
import { RULES } from "../../policy/rules/index.ts";
import { objectIn } from "../../policy/violations.ts";
import { type Run, runProgram } from "../components/aws/program-run.ts";

const runs = {} as Record<"prod" | "dev", Run>;
beforeAll(async () => {
  runs.prod = await runProgram({ stack: "prod" });
  runs.dev = await runProgram({ stack: "dev" });
}, 60_000);

it.each([
  ["prod", "data"],
  ["dev", "none"],
] as const)("everything that the program declares for %s keeps the rules", (stack, protect) => {
  const { disabled } = policiesFor(resolvePolicies({ protect }), undefined);
  const { declared } = runs[stack];
  const judged = RULES.filter(({ name }) => !disabled.includes(name)).flatMap((rule) =>
    declared.flatMap(({ type, name, inputs: props, opts }) => {
      const object = objectIn({ type, props });
      const resource = { type, name, props, protect: opts.protect === true };
      const messages = [
        ...(rule.resource?.(resource) ?? []),
        ...(object ? (rule.objects?.([object], "one") ?? []) : []),
      ];
      return messages.map((message) => `${rule.name}: ${type} ${name}: ${message}`);
    }),
  );
  expect(judged).toEqual([]);
  expect(declared.length).toBeGreaterThan(80);
});
