import { afterEach, describe, expect, it, vi } from "vitest";
import {
  refuseUndeclaredProviders,
  type StateResource,
  undeclaredProviders,
} from "../../../delivery/engine/state-providers.ts";
import { FakePulumi } from "../fake-pulumi.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::slipway::${type}::${name}`;
const KUBERNETES: StateResource = {
  urn: urn("pulumi:providers:kubernetes", "cluster"),
  type: "pulumi:providers:kubernetes",
  custom: true,
  inputs: { version: "4.25.0" },
};
const login = (exec: object) =>
  JSON.stringify({
    users: [{ name: "a", user: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", ...exec } } }],
  });
const found = (...resources: StateResource[]) => undeclaredProviders({ deployment: { resources } });

describe("a state", () => {
  it("may have the resources and providers of the program, and components", () => {
    const eks = login({ command: "aws", args: ["eks", "get-token", "--cluster-name", "shop-prod"] });
    expect(
      found(
        { urn: urn("pulumi:pulumi:Stack", "slipway-prod"), type: "pulumi:pulumi:Stack", custom: false },
        { urn: urn("slipway:aws:Network", "shop"), type: "slipway:aws:Network", custom: false },
        { ...KUBERNETES, inputs: { kubeconfig: eks }, outputs: { kubeconfig: eks } },
        { ...KUBERNETES, inputs: { kubeconfig: "~/.kube/config", context: "kind" } },
        {
          urn: urn("aws:s3/bucket:Bucket", "artifacts"),
          type: "aws:s3/bucket:Bucket",
          custom: true,
          provider: `${urn("pulumi:providers:aws", "account")}::0b1c`,
        },
        { urn: urn("docker:index/image:Image", "api"), type: "docker:index/image:Image", custom: true },
      ),
    ).toEqual([]);
    expect(undeclaredProviders({})).toEqual([]);
    expect(undeclaredProviders({ deployment: null })).toEqual([]);
  });

  it.each<[string, Partial<StateResource>, RegExp]>([
    ["another provider", { type: "pulumi:providers:evil" }, /the provider evil$/],
    ["a resource of another provider", { type: "command:local:Command" }, /the provider command$/],
    ["code of a dynamic provider", { type: "pulumi-nodejs:dynamic:Resource" }, /the provider pulumi-nodejs$/],
    [
      "a resource that names another package's provider",
      { type: "aws:s3/bucket:Bucket", provider: `${urn("pulumi:providers:evil", "x")}::0` },
      /the provider evil$/,
    ],
    ["a plugin's URL", { inputs: { pluginDownloadURL: "http://a" } }, /: pluginDownloadURL$/],
    ["a plugin's URL where the engine keeps it", { inputs: { __internal: { pluginDownloadURL: "http://a" } } }, /URL$/],
    ["a plugin's URL in the outputs", { outputs: { pluginDownloadURL: "http://a" } }, /URL$/],
    ["another package in a plugin's place", { inputs: { __internal: { parameterization: {} } } }, /parameterization$/],
    ["a login that runs a command", { inputs: { kubeconfig: login({ command: "sh" }) } }, /the command "sh"$/],
    ["one that is hidden", { inputs: { kubeconfig: 'users: [{user: {"e\\u0078ec": {command: sh}}}]' } }, /"sh"$/],
    [
      "a login that gives aws another config",
      {
        inputs: {
          kubeconfig: login({ command: "aws", args: ["eks", "get-token"], env: [{ name: "AWS_CONFIG_FILE" }] }),
        },
      },
      /"aws"$/,
    ],
    ["another command of aws", { inputs: { kubeconfig: login({ command: "aws", args: ["s3", "cp"] }) } }, /"aws"$/],
  ])("is found to have %s", (_, resource, fault) => {
    const all = { ...KUBERNETES, ...resource };
    expect(found(all)).toEqual([expect.stringMatching(fault)]);
    expect(undeclaredProviders({ deployment: { pending_operations: [{ resource: all }] } })).toHaveLength(1);
  });
});

describe("refuseUndeclaredProviders", () => {
  afterEach(() => vi.unstubAllEnvs());

  function fake(answer: Parameters<FakePulumi["answer"]>[1]): FakePulumi {
    const pulumi = new FakePulumi();
    pulumi.answer("stack export", answer);
    vi.stubEnv("PATH", pulumi.path);
    return pulumi;
  }

  it("names what it found and what is declared", async () => {
    const resource = { ...KUBERNETES, type: "pulumi:providers:evil" };
    fake({ stdout: JSON.stringify({ deployment: { resources: [resource] } }) });
    await expect(refuseUndeclaredProviders("/", "prod")).rejects.toThrow(
      /^The state of prod .*\n.*the provider evil\nNothing was run\. Declared are: aws, docker, kubernetes\./,
    );
  });

  it("asks as the CLI expects it: it knows no --json", async () => {
    const pulumi = fake({ stdout: "{}" });
    await refuseUndeclaredProviders("/", "prod");
    expect(pulumi.calls).toEqual(["stack export --stack prod --non-interactive --color never"]);
  });

  it("accepts a stack that nobody has deployed yet", async () => {
    fake({ stderr: "error: no stack named 'prod' found", exitCode: 255 });
    await expect(refuseUndeclaredProviders("/", "prod")).resolves.toBeUndefined();
  });

  it("refuses a state that cannot be read", async () => {
    fake({ stderr: "error: AccessDenied", exitCode: 255 });
    await expect(refuseUndeclaredProviders("/", "prod")).rejects.toThrow("AccessDenied");
  });
});
