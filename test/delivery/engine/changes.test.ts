import { describe, expect, it } from "vitest";
import { readChanges } from "../../../delivery/engine/changes.ts";
import {
  buildPreview,
  diagnostic,
  finished,
  imageOf,
  releaseInputs,
  releaseOf,
  secret,
  started,
  UNKNOWN_VALUE,
} from "./events.ts";

const bucket = "slipway:index:Aws$aws:s3/bucket:Bucket::artifacts";
const deployer = "slipway:index:Aws$aws:iam/role:Role::deployer";
const release = (tag: string, more: object = {}) => ({ chart: "./charts/service", values: { release: tag, ...more } });

describe("changesIn", () => {
  it("reads a preview as the engine logs it", () => {
    // Shortened from the log of a real one: v0.2.0 replaces v0.1.0.
    const events = [
      diagnostic("warning", "using pulumi-language-nodejs from $PATH at /usr/bin/pulumi-language-nodejs\n"),
      started("same", "pulumi:pulumi:Stack::slipway-local"),
      finished("same", "pulumi:pulumi:Stack::slipway-local", { old: {}, new: {} }),
      diagnostic("debug", "Registering resource: t=slipway:index:Addons, name=addons, custom=false, remote=false\n"),
      started("read", "pulumi:pulumi:StackReference::last-update"),
      started("same", "pulumi:providers:kubernetes::cluster"),
      started("same", "slipway:index:Service::orders"),
      started("same", "slipway:index:Addons$kubernetes:helm.sh/v3:Release::traefik"),
      ...buildPreview("orders", "v0.1.0", "v0.2.0"),
    ];
    expect(readChanges(events)).toEqual({
      services: [{ name: "orders", op: "update", from: "v0.1.0", to: "v0.2.0", buildsImage: true }],
      resources: [
        {
          op: "update",
          type: "docker:index/image:Image",
          name: "orders",
          stateful: false,
          differences: [
            { path: "build.args.RELEASE", from: "v0.1.0", to: "v0.2.0" },
            {
              path: "imageName",
              from: "127.0.0.1:5000/shop:orders-v0.1.0",
              to: "127.0.0.1:5000/shop:orders-v0.2.0",
            },
          ],
        },
        {
          op: "update",
          type: "kubernetes:helm.sh/v3:Release",
          name: "orders",
          stateful: false,
          differences: [
            {
              path: "values.image",
              from: `127.0.0.1:5000/shop@sha256:${"a".repeat(64)}`,
              to: "[known after the image is built]",
            },
            { path: "values.release", from: "v0.1.0", to: "v0.2.0" },
          ],
        },
      ],
      migrations: [],
      unchanged: 2,
      problems: [],
    });
  });

  it.each([
    ["the new one first", ["create-replacement", "replace", "delete-replaced"]],
    ["the first of them, which failed", ["create-replacement"]],
    ["the old one first", ["delete-replaced", "replace", "create-replacement"]],
  ])("counts a replacement once, with its differences: %s", (_, ops) => {
    const step = { old: { bucket: "a" }, new: { bucket: "b" }, diffs: ["bucket"] };
    const { resources } = readChanges(ops.map((op) => started(op, bucket, step)));
    expect(resources).toEqual([
      {
        op: "replace",
        type: "aws:s3/bucket:Bucket",
        name: "artifacts",
        stateful: true,
        differences: [{ path: "bucket", from: "a", to: "b" }],
      },
    ]);
  });

  it("reads the releases of services before and after, and leaves out add-ons", () => {
    const events = [
      started("update", releaseOf("web"), { old: release("v1", { port: 80 }), new: release("v1", { port: 81 }) }),
      started("delete", releaseOf("orders"), { old: release("v1") }),
      started("create", releaseOf("api"), { new: release("v2") }),
      started("create-replacement", releaseOf("worker"), { old: release("v1"), new: release("v2") }),
      started("replace", releaseOf("worker"), { old: release("v1"), new: release("v2") }),
      started("delete-replaced", releaseOf("worker"), { old: release("v1"), new: release("v2") }),
      started("update", "slipway:index:Addons$kubernetes:helm.sh/v3:Release::traefik"),
    ];
    expect(readChanges(events).services).toEqual([
      { name: "api", op: "create", to: "v2" },
      { name: "orders", op: "delete", from: "v1" },
      { name: "web", op: "update", from: "v1", to: "v1" },
      { name: "worker", op: "replace", from: "v1", to: "v2" },
    ]);
  });

  it("counts an image that only leaves the state neither as deleted nor as unchanged", () => {
    const events = [
      started("delete", imageOf("web"), { old: { imageName: "shop:web-v1" }, retainOnDelete: true }),
      started("delete", deployer, { old: {} }),
    ];
    expect(readChanges(events)).toMatchObject({ resources: [{ op: "delete", name: "deployer" }], unchanged: 0 });
  });

  it.each([
    [bucket, true],
    ["aws:ecr/repository:Repository::shop", true],
    ["aws:kms/key:Key::secrets", true],
    ["aws:eks/cluster:Cluster::main", true],
    ["aws:ec2/vpc:Vpc::main", true],
    ["aws:rds/instance:Instance::orders", true],
    ["kubernetes:core/v1:Namespace::shop", true],
    ["kubernetes:core/v1:PersistentVolumeClaim::data", true],
    ["kubernetes:apps/v1:StatefulSet::db", true],
    [releaseOf("db"), true],
    [releaseOf("web"), false],
    ["aws:s3/bucketPolicy:BucketPolicy::artifacts", false],
    ["aws:ec2/vpcEndpoint:VpcEndpoint::s3", false],
    ["aws:iam/role:Role::deployer", false],
    ["kubernetes:apps/v1:Deployment::web", false],
  ])("knows whether deleting %s loses data: %s", (resource, stateful) => {
    const old = { values: { kind: resource.endsWith("db") ? "stateful" : "stateless" } };
    expect(readChanges([started("delete", resource, { old })]).resources).toMatchObject([{ op: "delete", stateful }]);
  });

  it("counts a service as stateful if it was or will be", () => {
    const kinds = (old: string, now: string) =>
      readChanges([
        started("replace", releaseOf("db"), { old: { values: { kind: old } }, new: { values: { kind: now } } }),
      ]);
    expect(kinds("stateful", "stateless").resources[0]?.stateful).toBe(true);
    expect(kinds("stateless", "stateful").resources[0]?.stateful).toBe(true);
  });

  it("hides secrets at any depth", () => {
    const step = {
      old: { data: secret("hush"), list: [secret("hush-1"), "a"] },
      new: { data: "plain", list: [secret("hush-2"), "b"], map: { key: secret("hush-3") } },
    };
    const { resources } = readChanges([started("update", "kubernetes:core/v1:Secret::api", step)]);
    expect(resources[0]?.differences.map(({ path }) => path)).toEqual(["data", "list", "map"]);
    expect(JSON.stringify(resources)).not.toContain("hush");
  });

  it("reports a secret that changed, though it looks the same", () => {
    const values = (password: string, hash: string) => ({ values: { password: secret(password), passwordHash: hash } });
    const step = {
      old: values("hush", "1"),
      new: values("hushed", "2"),
      diffs: ["values.password", "values.passwordHash"],
    };
    const { resources } = readChanges([started("update", releaseOf("api"), step)]);
    expect(resources[0]?.differences).toEqual([
      { path: "values.passwordHash", from: "1", to: "2" },
      { path: "values.password", from: "[hidden]", to: "[hidden]" },
    ]);
  });

  it("reports a difference once that the engine names by a part or by the whole", () => {
    const step = {
      old: { hosts: ["a"], limits: { cpu: 1 } },
      new: { hosts: ["b"], limits: { cpu: 2 }, probes: { preset: "tcp" } },
      diffs: ["hosts[0]", "limits", "probes.preset"],
    };
    const { resources } = readChanges([started("update", releaseOf("api"), step)]);
    expect(resources[0]?.differences).toEqual([
      { path: "hosts", from: ["a"], to: ["b"] },
      { path: "limits.cpu", from: 1, to: 2 },
      { path: "probes", to: { preset: "tcp" } },
    ]);
  });

  it("limits the differences of a resource that differs everywhere", () => {
    const values = (value: number) => Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, value]));
    const { resources } = readChanges([started("update", deployer, { old: values(1), new: values(2) })]);
    expect(resources[0]?.differences.length).toBeLessThanOrEqual(50);
    expect(resources[0]?.differences[0]).toEqual({ path: "k0", from: 1, to: 2 });
  });

  it("reads no changes from no events", () => {
    expect(readChanges([])).toEqual({ services: [], resources: [], migrations: [], unchanged: 0, problems: [] });
  });
});

/** A list of the differences of a service's Helm release: `<path> <to>`. */
function releaseDifferences(old: object, now: object, version: string): string[] {
  const step = {
    old: releaseInputs("api", old),
    new: releaseInputs("api", now, version),
    diffs: ["values", "version"],
  };
  const { resources } = readChanges([started("update", releaseOf("api"), step)]);
  return (resources[0]?.differences ?? []).map(({ path, to }) =>
    to === undefined ? `${path} removed` : `${path} ${to}`,
  );
}

describe("a preview with unknown values", () => {
  it("shows an image that is not built yet neither as removed nor with another chart version", () => {
    const { services, resources } = readChanges(buildPreview("api", "v1", "v2"));
    expect(services).toEqual([{ name: "api", op: "update", from: "v1", to: "v2", buildsImage: true }]);
    const release = resources.find(({ name, type }) => name === "api" && type.endsWith(":Release"));
    expect(release?.differences).toMatchObject([
      { path: "values.image", to: "[known after the image is built]" },
      { path: "values.release", from: "v1", to: "v2" },
    ]);
  });

  it("says of a new service that its image will be built", () => {
    const events = [
      started("create", imageOf("api"), { new: { imageName: "shop:api-v1" } }),
      started("create", releaseOf("api"), { new: releaseInputs("api", { release: "v1" }, "") }),
    ];
    expect(readChanges(events).services).toEqual([{ name: "api", op: "create", to: "v1", buildsImage: true }]);
  });

  it("does not say of a service that its image will be built if the image of another one is", () => {
    const other = started("update", releaseOf("web"), {
      old: releaseInputs("web", { release: "v1", image: "shop@sha256:1" }),
      new: releaseInputs("web", { release: "v2", image: "shop@sha256:2" }),
    });
    const { services } = readChanges([...buildPreview("api", "v1", "v2"), other]);
    expect(services.map(({ name, buildsImage = false }) => [name, buildsImage])).toEqual([
      ["api", true],
      ["web", false],
    ]);
  });

  it("shows values that are removed along with a new image as removed", () => {
    const old = { image: "shop@sha256:1", release: "v1", probes: { preset: "tcp" } };
    expect(releaseDifferences(old, { release: "v2" }, "")).toEqual([
      "values.image [known after the update]",
      "values.probes removed",
      "values.release v2",
    ]);
  });

  it("does not tell a removed value from an unknown one if the image is known", () => {
    const old = { image: "shop@sha256:1", role: "arn:1" };
    expect(releaseDifferences(old, { image: "shop@sha256:1" }, "")).toEqual([
      "values.role [removed, or known after the update]",
    ]);
  });

  it("shows a removed value and another version as such if every value is known", () => {
    expect(releaseDifferences({ image: "a", role: "b" }, { image: "a" }, "0.2.0")).toEqual([
      "values.role removed",
      "version 0.2.0",
    ]);
  });

  it("shows other unknown inputs as known after the update", () => {
    const step = { old: { policy: "a", tags: { a: 1 } }, new: { policy: UNKNOWN_VALUE, tags: UNKNOWN_VALUE } };
    expect(readChanges([started("update", deployer, step)]).resources[0]?.differences).toEqual([
      { path: "policy", from: "a", to: "[known after the update]" },
      { path: "tags", from: { a: 1 }, to: "[known after the update]" },
    ]);
  });
});
