import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { keepHelmObjects } from "../../components/gitops/kept-objects.ts";
import { urnOfServices } from "../../components/state-resources.ts";
import { Declarations } from "./aws/declared.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

class Service extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("slipway:index:Service", name, {}, opts);
  }
}

/** Declares what Argo CD has taken over of api, of a state that has these. @returns the changes that are ignored, by type and name */
async function kept(state: (urn: typeof urnOfServices) => string[]): Promise<Record<string, string[] | undefined>> {
  const declarations = await Declarations.begin();
  const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" }, declarations.opts);
  const parent = new Service("api", declarations.opts);
  keepHelmObjects("api", "shop", new Set(state(urnOfServices)), { provider, parent });
  await declarations.settle();
  const declared = declarations.all.filter(({ type }) => type === RELEASE || type === CONFIG_MAP);
  return Object.fromEntries(declared.map(({ type, name, opts }) => [`${type} ${name}`, opts.ignoreChanges]));
}

it("goes on to declare what the state has of Helm, and changes nothing of it", async () => {
  expect(
    await kept((of) => [of(RELEASE, "api"), of(CONFIG_MAP, "api"), of(CONFIG_MAP, "api.files"), of(RELEASE, "web")]),
  ).toEqual({
    [`${CONFIG_MAP} api`]: expect.arrayContaining(["data", "metadata.name"]),
    [`${CONFIG_MAP} api.files`]: expect.arrayContaining(["data", "metadata.name"]),
    // The provider compares the chart's version for itself.
    [`${RELEASE} api`]: ["*", "version"],
  });
});

it("declares nothing that the state does not have: Helm would install it", async () => {
  expect(await kept((of) => [of(RELEASE, "web")])).toEqual({});
});
