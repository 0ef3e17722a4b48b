import type { ObjectKind } from "./kind.ts";

export const configMapKind: ObjectKind = {
  token: "kubernetes:core/v1:ConfigMap",
  apiVersion: "v1",
  kind: "ConfigMap",
  collection: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  namespaced: true,
  properties: ["apiVersion", "kind", "metadata", "data", "binaryData", "immutable"],
  // A new object per content, so that pods of the old release keep the old one.
  replaces: (inputs, { configMapMutable }) =>
    configMapMutable && inputs.immutable !== true ? [] : [["data"], ["binaryData"]],
};
