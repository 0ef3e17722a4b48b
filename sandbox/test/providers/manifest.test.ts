import { expect, test } from "vitest";
import { adoptedManagers } from "../../providers/kubernetes/field-managers.ts";
import { resourceNames } from "../../providers/kubernetes/manifest.ts";
import type { PlainMap } from "../../providers/protocol/value.ts";

test("the objects of a manifest are named by kind, as the official plugin names them", () => {
  const manifest = `---
# Source: a
apiVersion: v1
kind: Service
metadata: { name: web }
---
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
---
apiVersion: v1
kind: Service
metadata: { name: api }
`;
  expect(resourceNames(manifest)).toEqual({
    "Service/v1": ["api", "web"],
    "Deployment.apps/apps/v1": ["shop/web"],
  });
});

test("fields that a create set pass to the manager that applies, those of others stay", () => {
  const entry = (manager: string, operation: string, fields: PlainMap) => ({
    manager,
    operation,
    fieldsV1: fields,
  });
  const other = entry("kubectl", "Update", { "f:x": {} });
  const live = {
    metadata: {
      resourceVersion: "7",
      managedFields: [
        entry("pulumi-kubernetes", "Update", { "f:data": { "f:a": {} } }),
        other,
        entry("mine", "Apply", { "f:data": { "f:b": {} } }),
      ],
    },
  };
  expect(adoptedManagers(live, "pulumi-kubernetes", "mine")).toEqual([
    {
      op: "replace",
      path: "/metadata/managedFields",
      value: [other, entry("mine", "Apply", { "f:data": { "f:a": {}, "f:b": {} } })],
    },
    { op: "replace", path: "/metadata/resourceVersion", value: "7" },
  ]);
  expect(adoptedManagers({ metadata: { managedFields: [other] } }, "pulumi-kubernetes", "mine")).toBeUndefined();
});
