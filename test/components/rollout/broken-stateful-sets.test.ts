import { expect, it } from "vitest";
import { brokenStatefulSets } from "../../../components/rollout/broken-stateful-sets.ts";

const services = [
  { name: "api", kind: "deployment" as const },
  { name: "ledger", kind: "stateful" as const },
];

it.each(["v1.35.0", "v1.35.3", "v1.35.2-eks-113cf36"])("stateful services on %s get a warning", (version) => {
  expect(brokenStatefulSets(services, version)).toMatch(/^ledger: .*kubectl delete pod.*1\.35\.4/);
});

it.each(["v1.34.9", "v1.35.4", "v1.35.30", "v1.36.0", "v1.135.1"])("those on %s do not", (version) => {
  expect(brokenStatefulSets(services, version)).toBeUndefined();
});

it("other services do not", () => {
  expect(brokenStatefulSets(services.slice(0, 1), "v1.35.0")).toBeUndefined();
});
