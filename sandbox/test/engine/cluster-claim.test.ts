import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-test-"));
// Read once, when the first module of the sandbox is loaded.
vi.stubEnv("XDG_STATE_HOME", home);
const { claimCluster, hasEksCluster, stacksOnEks, takesCluster } = await import("../../engine/cluster-claim.ts");
const states = join(home, "slipway/stacks/.pulumi/stacks/slipway");

const eks = {
  type: "aws:eks/cluster:Cluster",
  urn: "urn:pulumi:prod::slipway::slipway:aws:Platform$aws:eks/cluster:Cluster::shop",
};
const addon = {
  type: "kubernetes:helm.sh/v3:Release",
  urn: "urn:pulumi:local::slipway::slipway:index:Addons$kubernetes:helm.sh/v3:Release::traefik",
};
const service = {
  type: "kubernetes:helm.sh/v3:Release",
  urn: "urn:pulumi:e2e::slipway::slipway:index:Service$kubernetes:helm.sh/v3:Release::api",
};

function deployed(stack: string, resources: object[]): void {
  mkdirSync(states, { recursive: true });
  writeFileSync(join(states, `${stack}.json`), JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
}

function stackWith(environment: object): string {
  const file = join(temporaryFolder(), "stack.yaml");
  writeFileSync(file, stringify({ config: { "slipway:environment": environment } }));
  return file;
}

const whole = { cluster: { target: "existing" } };
const apart = { ...whole, addons: { traefik: { enabled: false }, metricsServer: { enabled: false } } };

afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(() => {
  for (const stack of ["local", "prod", "e2e", "old"]) deployed(stack, []);
});

describe("takesCluster", () => {
  it.each([
    ["an EKS stack", { cluster: { target: "eks" }, addons: apart.addons }, true],
    ["one with add-ons", whole, true],
    ["one with one of the add-ons", { ...whole, addons: { traefik: { enabled: false } } }, true],
    ["one that uses another's add-ons", apart, false],
  ])("%s: %s", (_, environment, expected) => {
    expect(takesCluster(environment)).toBe(expected);
  });
});

describe("claimCluster", () => {
  it("names the stack that owns the cluster and the command that destroys it", () => {
    deployed("local", [addon, service]);
    const claim = () => claimCluster({ stack: "prod", configFile: stackWith({ cluster: { target: "eks" } }) });
    expect(claim).toThrow(/Stack prod .*EKS cluster.*the stack local is deployed/);
    expect(claim).toThrow("npm run sandbox -- destroy --stack local");
  });

  it("refuses a stack with add-ons while an EKS stack owns the cluster", () => {
    deployed("prod", [eks]);
    expect(() => claimCluster({ stack: "local", configFile: stackWith(whole) })).toThrow(/destroy --stack prod/);
  });

  it("allows a stack that owns the cluster already, and any stack if no other owns it", () => {
    deployed("prod", [eks, { ...addon, urn: addon.urn.replace("local", "prod") }]);
    expect(() => claimCluster({ stack: "prod", configFile: stackWith({ cluster: { target: "eks" } }) })).not.toThrow();
    deployed("prod", []);
    deployed("e2e", [service]);
    expect(() => claimCluster({ stack: "local", configFile: stackWith(whole) })).not.toThrow();
  });

  it("allows any stack beside one that has only add-ons of its own", () => {
    const own = ["argo-rollouts", "prometheus"].map((name) => ({
      ...addon,
      urn: addon.urn.replace(/::[^:]+$/, `::${name}`),
    }));
    deployed("old", own);
    expect(() => claimCluster({ stack: "local", configFile: stackWith(whole) })).not.toThrow();
    deployed("old", [...own, addon]);
    expect(() => claimCluster({ stack: "local", configFile: stackWith(whole) })).toThrow(/destroy --stack old/);
  });

  it("allows a stack without add-ons beside any other", () => {
    deployed("prod", [eks]);
    expect(() => claimCluster({ stack: "e2e", configFile: stackWith(apart) })).not.toThrow();
  });
});

describe("stacksOnEks", () => {
  it("finds them by their states and ignores half-written ones", () => {
    deployed("prod", [eks]);
    writeFileSync(join(states, "old.json"), '{"checkpoint":');
    expect(stacksOnEks()).toEqual(["prod"]);
    expect(hasEksCluster("local")).toBe(false);
  });
});
