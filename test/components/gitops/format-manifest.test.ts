import { expect, it } from "vitest";
import { parse } from "yaml";
import { formatManifest, manifestFile } from "../../../components/gitops/format-manifest.ts";

const shared = { name: "a", value: "yes" };
const object = {
  spec: { b: [shared, shared], a: "1" },
  metadata: { namespace: "shop", name: "api" },
  kind: "Job",
  apiVersion: "batch/v1",
};

it("is the same bytes whatever the order of the keys", () => {
  const { apiVersion, kind, metadata, spec } = object;
  const { name, namespace } = metadata;
  const other = { kind, spec: { a: spec.a, b: spec.b }, apiVersion, metadata: { name, namespace } };
  expect(formatManifest(other)).toBe(formatManifest(object));
});

it("is read back as the same object, and begins with what people look for", () => {
  const long = {
    ...object,
    text: `${"word ".repeat(60)}\nline two: #\n`,
    no: "no",
    on: "on",
    octal: "0o17",
    old: "017",
    sexagesimal: "12:30:45",
    big: "1_000",
    date: "2026-01-01",
  };
  const text = formatManifest(long);
  for (const version of ["1.1", "1.2"] as const) expect(parse(text, { version })).toEqual(long);
  expect(text).toMatch(/^apiVersion: batch\/v1\nkind: Job\nmetadata:\n {2}name: api\n/);
  expect(text).not.toMatch(/[&*]a1/);
});

it("has a file for each kind and name", () => {
  expect(manifestFile({ kind: "ConfigMap", metadata: { name: "api.files-1" } })).toBe("configmap-api.files-1.yaml");
});
