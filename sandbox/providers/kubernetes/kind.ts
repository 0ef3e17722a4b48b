import type { PropertyMap } from "../protocol/value.ts";
import type { ProviderSettings } from "./settings.ts";

/** What sets one kind of Kubernetes object apart from the others. */
export interface ObjectKind {
  /** Type token of the resource in the program. */
  token: string;
  apiVersion: string;
  kind: string;
  /** Path of the collection in the API, `/api/v1/namespaces/{namespace}/secrets`. */
  collection(namespace: string): string;
  namespaced: boolean;
  /** Top-level inputs; any other is refused. */
  properties: readonly string[];
  /** Paths, beside name and namespace, whose change needs a new object. */
  replaces(inputs: PropertyMap, settings: ProviderSettings): readonly (readonly string[])[];
  /** Brings inputs that mean the same into one form, so that they do not show as a change. @default - as given */
  normalize?(inputs: PropertyMap): PropertyMap;
  /** Marks what is secret by nature, whatever the program said. @default - nothing */
  protect?(object: PropertyMap): PropertyMap;
}
