import { describe, expect, it } from "vitest";
import { readChanges, readDrift, hasStartedChange } from "../../../delivery/engine/changes.ts";
import { started, finished, releaseOf, diagnostic, secret } from "./events.ts";

const bucket = "slipway:index:Aws$aws:s3/bucket:Bucket::artifacts";
const deployer = "slipway:index:Aws$aws:iam/role:Role::deployer";
const image = "slipway:index:Images$docker:index/image:Image::web";
const service = "slipway:index:Service::web";

const release = (tag: string, more: object = {}) => ({ chart: "./charts/service", values: { release: tag, ...more } });

describe("changesIn", () => {
  it("reads a preview as the engine logs it", () => {
    // Cut from the log of a real one: v0.2.0 for v0.1.0.
    const events = [
      diagnostic("warning", "using pulumi-language-nodejs from $PATH at /usr/bin/pulumi-language-nodejs\n"),
      started("same", "pulumi:pulumi:Stack::slipway-local"),
      finished("same", "pulumi:pulumi:Stack::slipway-local", { old: {}, new: {} }),
      diagnostic("debug", "Registering resource: t=slipway:index:Addons, name=addons, custom=false, remote=false\n"),
      started("read", "pulumi:pulumi:StackReference::last-update"),
      started("same", "pulumi:providers:kubernetes::cluster"),
      started("same", "slipway:index:Service::orders"),
      started("same", "slipway:index:Addons$kubernetes:helm.sh/v3:Release::traefik"),
      started("update", "slipway:index:Images$docker:index/image:Image::orders", {
        old: {
          build: { args: { RELEASE: "v0.1.0" }, context: "orders" },
          imageName: "127.0.0.1:5000/shop:orders-v0.1.0",
        },
        new: {
          build: { args: { RELEASE: "v0.2.0" }, context: "orders" },
          imageName: "127.0.0.1:5000/shop:orders-v0.2.0",
        },
        diffs: ["build.args.RELEASE", "imageName"],
        retainOnDelete: true,
      }),
      started("update", releaseOf("orders"), {
        old: release("v0.1.0", { image: "127.0.0.1:5000/shop@sha256:237c4d21" }),
        new: release("v0.2.0", { image: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }),
        diffs: ["values.image", "values.release"],
      }),
    ];
    expect(readChanges(events)).toEqual({
      services: [{ name: "orders", op: "update", from: "v0.1.0", to: "v0.2.0" }],
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
              from: "127.0.0.1:5000/shop@sha256:237c4d21",
              to: "[known after the update]",
            },
            { path: "values.release", from: "v0.1.0", to: "v0.2.0" },
          ],
        },
      ],
      unchanged: 2,
      problems: [],
    });
  });

  it.each([
    ["the new one first", ["create-replacement", "replace", "delete-replaced"]],
    ["the first of them, which failed", ["create-replacement"]],
    ["the old one first", ["delete-replaced", "replace", "create-replacement"]],
  ])("counts a replacement once, with its differences, whatever its steps: %s", (_, ops) => {
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

  it("tells what a service ran and will run, and leaves add-ons out", () => {
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

  it("counts an image that is only forgotten neither as deleted nor as kept", () => {
    const events = [
      started("delete", image, { old: { imageName: "shop:web-v1" }, retainOnDelete: true }),
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
  ])("knows whether data is lost with %s: %s", (resource, stateful) => {
    const old = { values: { kind: resource.endsWith("db") ? "stateful" : "stateless" } };
    expect(readChanges([started("delete", resource, { old })]).resources).toMatchObject([{ op: "delete", stateful }]);
  });

  it("counts a service as stateful that has been so, or will be", () => {
    const kinds = (old: string, now: string) =>
      readChanges([
        started("replace", releaseOf("db"), { old: { values: { kind: old } }, new: { values: { kind: now } } }),
      ]);
    expect(kinds("stateful", "stateless").resources[0]?.stateful).toBe(true);
    expect(kinds("stateless", "stateful").resources[0]?.stateful).toBe(true);
  });

  it("never shows a secret, wherever it lies", () => {
    const step = {
      old: { data: secret("hush"), list: [secret("hush-1"), "a"] },
      new: { data: "plain", list: [secret("hush-2"), "b"], map: { key: secret("hush-3") } },
    };
    const { resources } = readChanges([started("update", "kubernetes:core/v1:Secret::api", step)]);
    expect(resources[0]?.differences.map(({ path }) => path)).toEqual(["data", "list", "map"]);
    expect(JSON.stringify(resources)).not.toContain("hush");
  });

  it("tells that a secret has changed, which looks as it did before", () => {
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

  it("names once what the engine names by its parts, or by what it is a part of", () => {
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

  it("keeps to what a person reads of a resource that differs everywhere", () => {
    const values = (value: number) => Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, value]));
    const { resources } = readChanges([started("update", deployer, { old: values(1), new: values(2) })]);
    expect(resources[0]?.differences.length).toBeLessThanOrEqual(50);
    expect(resources[0]?.differences[0]).toEqual({ path: "k0", from: 1, to: 2 });
  });

  it("has nothing to tell of nothing", () => {
    expect(readChanges([])).toEqual({ services: [], resources: [], unchanged: 0, problems: [] });
  });
});

describe("problems", () => {
  const pod = "api v2: pod api-7d4-x: CrashLoopBackOff (Error 1)\n  panic: no database";
  const helm = 'Helm release "shop/api" failed to become ready within the allocated timeout';
  const problems = (...events: Parameters<typeof readChanges>[0]) => readChanges(events).problems;

  it("begin with the pods in trouble, which say why, and leave out what sums up", () => {
    expect(
      problems(
        diagnostic("error", `<{%fg 1%}>${helm}<{%reset%}>\n`, releaseOf("api")),
        diagnostic("warning", "the other resource is deprecated", "aws:s3/bucket:Bucket::artifacts"),
        diagnostic("warning", `${pod}\n`, service),
        diagnostic("error", "update failed\n", "pulumi:pulumi:Stack::slipway-local"),
      ),
    ).toEqual([pod, helm]);
  });

  it("are told once, without colours", () => {
    expect(
      problems(
        diagnostic("error", "\u001b[31mno such host\u001b[0m"),
        diagnostic("error", "no such host\n"),
        diagnostic("error", "\n"),
        diagnostic("error", "half a line", undefined, { ephemeral: true }),
        diagnostic("info", "no trouble"),
      ),
    ).toEqual(["no such host"]);
  });

  it("are none of what a service's pods merely log, or another's warning", () => {
    expect(
      problems(
        diagnostic("warning", "the chart is old", service),
        diagnostic("warning", "web v2: pod web-1: not ready within the 10 s", "slipway:index:Addons::addons"),
      ),
    ).toEqual([]);
  });

  it("say what went wrong where one message both sums up and says it", () => {
    const message = "1 error occurred:\n\t* deleting ECR repository shop: the repository holds images";
    expect(problems(diagnostic("error", message, "aws:ecr/repository:Repository::shop")).join()).toContain("holds images");
    const reached = "update failed to reach the cluster: no route to host";
    expect(problems(diagnostic("error", reached))).toEqual([reached]);
    const quota = "resource quota of shop exceeded: creating the pod failed";
    expect(problems(diagnostic("error", quota, releaseOf("api")))).toEqual([quota]);
  });
});

describe("driftIn", () => {
  const group = "aws:eks/nodeGroup:NodeGroup::main";
  const sizes = (desiredSize: number, maxSize: number) => ({ scalingConfig: { desiredSize, maxSize }, __meta: {} });

  it("is what is there other than it was declared, and what is gone", () => {
    const events = [
      started("refresh", bucket),
      finished("update", bucket, { old: { tags: { team: "shop" } }, new: { tags: { team: "sale" } } }),
      finished("delete", "kubernetes:core/v1:ConfigMap::api", { old: {} }),
      finished("same", deployer, { old: {}, new: {} }),
    ];
    expect(readDrift(events)).toEqual([
      {
        op: "update",
        type: "aws:s3/bucket:Bucket",
        name: "artifacts",
        stateful: true,
        differences: [{ path: "tags.team", from: "shop", to: "sale" }],
      },
      { op: "delete", type: "kubernetes:core/v1:ConfigMap", name: "api", stateful: false, differences: [] },
    ]);
  });

  it("is none of the engine's own resources, nor of what a provider reports beside the inputs", () => {
    expect(
      readDrift([
        finished("update", "pulumi:pulumi:StackReference::last-update", { old: { name: "a" }, new: { name: "b" } }),
        finished("update", bucket, { old: { bucket: "a", __defaults: [] }, new: { bucket: "a", __defaults: ["b"] } }),
        started("update", bucket, { old: { bucket: "a" }, new: { bucket: "b" } }),
      ]),
    ).toEqual([]);
  });

  it("leaves the number of nodes to the alarms, and nothing else of the group", () => {
    expect(readDrift([finished("update", group, { old: sizes(2, 4), new: sizes(3, 4) })])).toEqual([]);
    expect(readDrift([finished("update", group, { old: sizes(2, 4), new: sizes(3, 5) })])).toMatchObject([
      { differences: [{ path: "scalingConfig.maxSize", from: 4, to: 5 }] },
    ]);
  });

  it("shows no secret", () => {
    const drift = readDrift([finished("update", deployer, { old: { key: "a", x: 1 }, new: { key: secret("hush"), x: 2 } })]);
    expect(drift).toMatchObject([{ differences: [{ path: "key", to: "[secret]" }, { path: "x" }] }]);
  });
});

describe("touchedAnything", () => {
  it.each([
    ...["create", "update", "delete", "replace", "create-replacement", "delete-replaced", "import"].map((op) => [
      op,
      true,
    ]),
    ...["same", "read", "refresh"].map((op) => [op, false]),
  ])("is so where %s was begun: %s", (op, touched) => {
    const events = [diagnostic("error", "denied"), started("same", bucket), started(op as string, deployer)];
    expect(hasStartedChange(events)).toBe(touched);
  });
});
