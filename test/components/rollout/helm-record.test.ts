import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import {
  descriptionIn,
  manifestWithoutReplicas,
  manifestWithVolumeSize,
  objectsOf,
  recordWithObjects,
  recordWithoutReplicas,
  recordWithVolumeSize,
  statefulSetIn,
} from "../../../components/rollout/helm-record.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const pack = (record: object) => base64(base64(gzipSync(JSON.stringify(record))));
const unpack = (data: string) =>
  JSON.parse(gunzipSync(Buffer.from(Buffer.from(data, "base64").toString(), "base64")).toString());

const service =
  "---\n# Source: service/templates/service.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";
const workload = (replicas: string, kind = "Deployment", name = "web") =>
  `---\n# Source: service/templates/${kind}.yaml\napiVersion: apps/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${replicas}  minReadySeconds: 10\n`;

describe("a manifest", () => {
  it.each(["Deployment", "StatefulSet"])("of a %s loses its number of pods, and nothing else", (kind) => {
    const manifest = service + workload("  replicas: 20\n", kind) + service;
    expect(manifestWithoutReplicas(manifest, "web")).toBe(service + workload("", kind) + service);
  });

  it.each([
    ["has none", workload("")],
    ["pauses the service", workload("  replicas: 0\n")],
    ["has one of another object", workload("  replicas: 2\n", "Deployment", "other")],
    ["has one of another kind", workload("  replicas: 2\n", "ReplicaSet")],
  ])("that %s stays", (_, manifest) => {
    expect(manifestWithoutReplicas(service + manifest, "web")).toBeUndefined();
  });
});

it("a record keeps all its other fields", () => {
  const record = { name: "web", info: { status: "deployed" }, config: { a: "<b> & c" }, version: 7, namespace: "shop" };
  const changed = recordWithoutReplicas(pack({ ...record, manifest: service + workload("  replicas: 3\n") }));
  expect(unpack(changed ?? "")).toEqual({ ...record, manifest: service + workload("") });
  expect(recordWithoutReplicas(pack({ ...record, manifest: service }))).toBeUndefined();
});

describe("the size of a volume", () => {
  const sized = (size: string, name = "web") =>
    `---\n# Source: service/templates/statefulset.yaml\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: ${name}\nspec:\n` +
    '  template:\n    metadata:\n      annotations: { note: "a # b: c" }\n  volumeClaimTemplates:\n    - metadata:\n        name: data\n' +
    `      spec:\n        resources:\n          requests:\n            storage: ${size}\n`;
  const objects = (manifest: string) => parseAllDocuments(manifest).map((document) => document.toJS());

  it("changes in the StatefulSet of the service, and nothing else does", () => {
    const manifest = service + sized("10Gi", "other") + sized("10Gi") + service;
    const changed = manifestWithVolumeSize(manifest, "web", "20Gi");
    expect(objects(changed ?? "")).toEqual(objects(service + sized("10Gi", "other") + sized("20Gi") + service));
    expect(changed).toContain("# Source: service/templates/statefulset.yaml");
  });

  it.each([
    ["the same", sized("20Gi")],
    ["none", workload("", "StatefulSet")],
    ["none, of a Deployment", workload("")],
  ])("that is %s stays", (_, manifest) => {
    expect(manifestWithVolumeSize(service + manifest, "web", "20Gi")).toBeUndefined();
  });

  it("changes in a record, from which the StatefulSet can be read", () => {
    const record = { name: "web", version: 7, manifest: service + sized("10Gi") };
    const changed = recordWithVolumeSize(pack(record), "20Gi") ?? "";
    expect(unpack(changed)).toMatchObject({ name: "web", version: 7 });
    expect(statefulSetIn(changed)).toEqual(objects(sized("20Gi"))[0]);
    expect(statefulSetIn(pack({ ...record, manifest: service }))).toBeUndefined();
  });
});

describe("the objects of a record", () => {
  const object = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", annotations: { answer: "yes", number: "0755", empty: "" } },
    spec: { replicas: 2, template: { args: ["---", "a\n---\nb\n"] } },
  };

  it("are replaced, and read again as they were: Helm reads YAML 1.1", () => {
    const data = pack({ name: "web", info: { description: "Upgrade complete" }, manifest: service, version: 3 });
    const written = recordWithObjects(data, [object, { kind: "Service" }]);
    expect(objectsOf(written)).toEqual([object, { kind: "Service" }]);
    const record = unpack(written);
    expect(record).toMatchObject({ name: "web", version: 3 });
    expect(record.manifest).toMatch(/answer: "yes"[\s\S]*number: "0755"/);
    expect(descriptionIn(written)).toBe("Upgrade complete");
    // What else is done to records finds its fields.
    expect(recordWithoutReplicas(written)).toBeDefined();
  });
});
