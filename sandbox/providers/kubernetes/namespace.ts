import type { ObjectKind } from "./kind.ts";

export const namespaceKind: ObjectKind = {
  token: "kubernetes:core/v1:Namespace",
  apiVersion: "v1",
  kind: "Namespace",
  collection: () => "/api/v1/namespaces",
  namespaced: false,
  properties: ["apiVersion", "kind", "metadata", "spec", "status"],
  replaces: () => [],
};
