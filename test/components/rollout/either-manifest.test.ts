import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { eitherManifest } from "../../../components/rollout/either-manifest.ts";

const manifestOf = (...objects: object[]) =>
  objects.map((object) => `---\n# Source: service/templates/x.yaml\n${JSON.stringify(object)}\n`).join("");
const objectsOf = (manifest: string) => manifest.split(/^---$/m).flatMap((text) => parse(text) ?? []);
const object = (kind: string, spec: object, apiVersion = "apps/v1") => ({
  apiVersion,
  kind,
  metadata: { name: "api" },
  spec,
});
const rollout = (spec: object) => object("Rollout", spec, "argoproj.io/v1alpha1");
const merged = (earlier: object, later: object) => objectsOf(eitherManifest(manifestOf(earlier), manifestOf(later)))[0];

it("has the objects of both", () => {
  const [service, scaler, budget] = ["Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"].map((kind) =>
    object(kind, {}),
  ) as [object, object, object];
  const either = eitherManifest(manifestOf(service, scaler), manifestOf(service, budget));
  expect(objectsOf(either)).toEqual([service, scaler, budget]);
});

it("tells objects of one kind apart by name and namespace", () => {
  const named = (name: string, namespace?: string) => ({
    apiVersion: "v1",
    kind: "Role",
    metadata: { name, namespace },
  });
  const either = eitherManifest(manifestOf(named("a"), named("b")), manifestOf(named("a", "other")));
  expect(objectsOf(either)).toHaveLength(3);
});

it("stays the same if it is done again", () => {
  const [earlier, later] = [manifestOf(rollout({ a: 1, b: [1] })), manifestOf(rollout({ a: 2, c: "on" }))];
  const once = eitherManifest(earlier, later);
  expect(eitherManifest(once, later)).toBe(once);
});

it("writes a text that YAML 1.1 takes for a boolean in quotes", () => {
  const either = eitherManifest(
    manifestOf(object("Deployment", { a: "on" })),
    manifestOf(object("Deployment", { a: "on" })),
  );
  expect(either).toContain('a: "on"');
});

describe("of one of Kubernetes' own kinds", () => {
  it("has the elements of both lists, by the key that Kubernetes goes by", () => {
    const container = (env: string, path: string) => ({
      containers: [
        {
          name: "api",
          image: `api:${env}`,
          env: [{ name: env, value: "1" }],
          volumeMounts: [{ name: "tmp", mountPath: path }],
        },
      ],
    });
    expect(merged(object("Deployment", container("A", "/a")), object("Deployment", container("B", "/b"))).spec).toEqual(
      {
        containers: [
          {
            name: "api",
            image: null,
            env: [
              { name: "A", value: "1" },
              { name: "B", value: "1" },
            ],
            volumeMounts: [
              { name: "tmp", mountPath: "/a" },
              { name: "tmp", mountPath: "/b" },
            ],
          },
        ],
      },
    );
  });

  it("keeps a field that one has", () => {
    expect(merged(object("Deployment", { paused: true }), object("Deployment", { replicas: 2 })).spec).toEqual({
      paused: true,
      replicas: 2,
    });
  });
});

it("of another kind has null wherever they differ, so that Helm sends the whole value", () => {
  const earlier = { same: 1, gone: 1, changed: 1, list: [{ name: "a" }], kept: ["x"] };
  const later = { same: 1, added: 1, changed: 2, list: [{ name: "a" }, { name: "b" }], kept: ["x"] };
  expect(merged(rollout(earlier), rollout(later)).spec).toEqual({
    same: 1,
    gone: null,
    added: null,
    changed: null,
    list: null,
    kept: ["x"],
  });
});
