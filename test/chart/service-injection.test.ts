import { ExecaError } from "execa";
import { expect, it } from "vitest";
import { LEAST, objectsOf, renderText, type Values } from "./render.ts";

/** Ends the value and its object, and begins another one. */
const HOSTILE = "x\n---\nkind: ClusterRoleBinding\nmetadata: { name: owned }\n---\ny:";

/** What the chart does by itself, without the patterns of its schema. */
async function outcome(values: Values): Promise<string> {
  try {
    const text = await renderText("service", { ...LEAST, ...values }, undefined, undefined, [
      "--skip-schema-validation",
    ]);
    return objectsOf(text).some(({ kind }) => kind === "ClusterRoleBinding") ? "injected" : "as meant";
  } catch (error) {
    if (error instanceof ExecaError) return String(error.stderr);
    throw error;
  }
}

const volume = { size: "1Gi", mountPath: "/data" };
const beside = { name: "beside", image: "a", resources: LEAST.resources };

it.each<[string, Values]>([
  ["configName", { configName: HOSTILE }],
  ["secretName", { secretName: HOSTILE }],
  ["network.egress.services", { network: { egress: { internet: false, services: [HOSTILE] } } }],
  ["tmp.sizeLimit", { tmp: { sizeLimit: HOSTILE } }],
  ["sidecars and initContainers", { sidecars: [{ ...beside, name: HOSTILE }] }],
  ["sidecars and initContainers", { initContainers: [{ ...beside, name: HOSTILE }] }],
  ["ports", { ports: { stats: { port: 9000, protocol: HOSTILE } } }],
  ["rollout.maxSurge", { rollout: { maxSurge: HOSTILE } }],
  ["rollout.maxUnavailable", { rollout: { maxUnavailable: HOSTILE } }],
  ["volume.size", { kind: "stateful", volume: { ...volume, size: HOSTILE } }],
  ["volume.mountPath", { kind: "stateful", volume: { ...volume, mountPath: HOSTILE } }],
])("a value of %s cannot add an object, even without the schema: it is refused", async (field, values) => {
  expect(await outcome(values)).toContain(`${field}: "x\\n---`);
});

it.each<[string, Values]>([
  ["volume.storageClass", { kind: "stateful", volume: { ...volume, storageClass: HOSTILE } }],
  ["podAnnotations", { podAnnotations: { a: HOSTILE } }],
  ["args", { args: [HOSTILE] }],
  ["hosts", { hosts: ["a.example.com"], ingress: { className: HOSTILE } }],
])("a value of %s cannot add an object, even without the schema", async (_, values) => {
  expect(await outcome(values)).not.toBe("injected");
});
