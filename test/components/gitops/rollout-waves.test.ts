import { expect, it } from "vitest";
import { beforeRollout } from "../../../components/gitops/rollout-waves.ts";

const object = (kind: string) => ({ kind, metadata: { name: "api", annotations: { kept: "yes" } } });
const waves = (kinds: string[]) =>
  beforeRollout(kinds.map(object)).map(({ metadata }) => metadata?.annotations?.["argocd.argoproj.io/sync-wave"]);

it("what a Rollout names is applied before it", () => {
  expect(waves(["AnalysisTemplate", "Service", "TraefikService", "Rollout", "Ingress"])).toEqual([
    "-1",
    "-1",
    "-1",
    undefined,
    undefined,
  ]);
  expect(beforeRollout([object("Service"), object("Rollout")])[0]?.metadata?.annotations).toMatchObject({
    kept: "yes",
  });
});

it("services without a Rollout are as they were", () => {
  expect(waves(["Service", "Deployment"])).toEqual([undefined, undefined]);
});
