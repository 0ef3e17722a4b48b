import type { KubernetesObject } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { containerOf, podSpecOf, podTemplateOf } from "./pod.ts";
import { renderService } from "./render.ts";

const patched = (patch: object, values = {}) => renderService({ ...values, patch: JSON.stringify(patch) });
const ofContainer = (fields: object) => ({ spec: { containers: [{ name: "web", ...fields }] } });

describe("a patch of the pod template", () => {
  it.each(["deployment", "stateful"])("that says nothing changes nothing (%s)", async (kind) => {
    // The Job of a rollout has a name of its own for each change of the values.
    const rendered = (objects: KubernetesObject[]) => objects.filter((object) => object.kind !== "Job");
    expect(rendered(await patched({}, { kind }))).toEqual(rendered(await renderService({ kind })));
  });

  it("merges maps, and adds to them", async () => {
    const annotations = { team: "a" };
    const objects = await patched(
      { metadata: { annotations }, spec: { securityContext: { fsGroup: 1_000_000 }, hostUsers: false } },
      { podAnnotations: { other: "b" } },
    );
    expect(podTemplateOf(objects).metadata?.annotations).toEqual({ team: "a", other: "b" });
    expect(podSpecOf(objects)).toMatchObject({
      hostUsers: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, fsGroup: 1_000_000 },
    });
  });

  it("merges containers, variables and volumes by name, and mounts by path", async () => {
    const before = containerOf(await renderService());
    const objects = await patched({
      spec: {
        containers: [
          {
            name: "web",
            env: [
              { name: "RELEASE", value: "mine" },
              { name: "NEW", value: "no" },
            ],
            volumeMounts: [
              { mountPath: "/tmp", readOnly: true },
              { mountPath: "/new", name: "new" },
            ],
          },
        ],
        volumes: [
          { name: "tmp", emptyDir: { medium: "Memory" } },
          { name: "new", emptyDir: {} },
        ],
      },
    });
    const container = containerOf(objects);
    expect(container.env).toEqual([
      { name: "RELEASE", value: "mine" },
      ...(before.env ?? []).slice(1),
      { name: "NEW", value: "no" },
    ]);
    expect(container.volumeMounts).toEqual([
      { name: "tmp", mountPath: "/tmp", readOnly: true },
      { name: "new", mountPath: "/new" },
    ]);
    expect(podSpecOf(objects).volumes).toEqual([
      { name: "tmp", emptyDir: { sizeLimit: "256Mi", medium: "Memory" } },
      { name: "new", emptyDir: {} },
    ]);
    expect({ ...container, env: before.env, volumeMounts: before.volumeMounts }).toEqual(before);
  });

  it("removes by null, also within what it adds, and items by $patch: delete", async () => {
    const objects = await patched(
      {
        ...ofContainer({
          livenessProbe: null,
          env: [
            { name: "NODE_NAME", $patch: "delete" },
            { name: "NOBODY", $patch: "delete" },
          ],
        }),
        metadata: { annotations: { team: null, other: null } },
      },
      { podAnnotations: { team: "a", kept: "b" } },
    );
    const container = containerOf(objects);
    expect(container).not.toHaveProperty("livenessProbe");
    expect(container.env?.map(({ name }) => name)).toEqual(["RELEASE", "PORT", "POD_NAME", "POD_IP", "HOST_IP"]);
    expect(podTemplateOf(objects).metadata?.annotations).toEqual({ kept: "b" });
    expect(podTemplateOf(await patched({ metadata: { annotations: { x: null } } })).metadata?.annotations).toEqual({});
  });

  it("replaces other lists", async () => {
    const toleration = { key: "a", operator: "Exists" };
    const objects = await patched({ spec: { tolerations: [toleration] } });
    expect(podSpecOf(objects).tolerations).toEqual([toleration]);
    expect(containerOf(await patched(ofContainer({ args: ["b"] }), { args: ["a", "a"] })).args).toEqual(["b"]);
  });

  it("adds containers", async () => {
    const beside = { name: "beside", image: "a@sha256:1" };
    const spec = podSpecOf(await patched({ spec: { containers: [beside], initContainers: [beside] } }));
    expect(spec.containers.map(({ name }) => name)).toEqual(["web", "beside"]);
    expect(spec.initContainers).toEqual([beside]);
  });
});
