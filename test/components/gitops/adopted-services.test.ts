import { expect, it, vi } from "vitest";
import { servicesToAdopt } from "../../../components/gitops/adopted-services.ts";
import * as lastUpdate from "../../../components/last-update.ts";
import * as stateResources from "../../../components/state-resources.ts";
import type { Environment } from "../../../config/index.ts";
import { HELM_RELEASE } from "../../../config/naming.ts";

const environment = { services: [{ name: "api" }, { name: "worker" }, { name: "new" }] } as Environment;

/** @param released services that the state has a Helm release of */
async function adopted(handedBack: string, released: readonly string[]): Promise<string[]> {
  const urns = released.map((name) => stateResources.urnOfServices(HELM_RELEASE, name));
  vi.spyOn(stateResources, "stateResources").mockResolvedValue(new Set(urns));
  vi.spyOn(lastUpdate, "lastOutput").mockResolvedValue({ api: {}, worker: {} });
  return [...(await servicesToAdopt(environment, { handedBack }))];
}

it("Helm adopts what ran under Argo CD and has no release yet, also after an update that failed", async () => {
  expect(await adopted("20261130-131205", ["api"])).toEqual(["worker"]);
  expect(await adopted("20261130-131205", ["api", "worker"])).toEqual([]);
});

it("Helm adopts nothing in a stack that Argo CD never had", async () => {
  expect(await adopted("", [])).toEqual([]);
});
