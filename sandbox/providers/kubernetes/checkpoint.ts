import { copySecrecy } from "../protocol/secrecy.ts";
import { isMap, type PropertyMap, stringAt, unwrap } from "../protocol/value.ts";
import type { ObjectKind } from "./kind.ts";

// Names under which the official plugin keeps these in the state; the same ones here let a stack change plugins.
const INPUTS = "__inputs";
const INITIAL_API_VERSION = "__initialApiVersion";
const FIELD_MANAGER = "__fieldManager";

/** What the state holds of an object. */
export interface Checkpoint {
  inputs: PropertyMap;
  live: PropertyMap;
  fieldManager: string | undefined;
}

/** The state of an object: the live one, and beside it the inputs it was made from. */
export function writeCheckpoint(
  kind: ObjectKind,
  inputs: PropertyMap,
  live: PropertyMap,
  fieldManager: string,
): PropertyMap {
  return {
    ...secretsOf(kind, live, inputs),
    [INPUTS]: secretsOf(kind, inputs, inputs),
    [INITIAL_API_VERSION]: kind.apiVersion,
    [FIELD_MANAGER]: fieldManager,
  };
}

export function readCheckpoint(state: PropertyMap): Checkpoint {
  const { [INPUTS]: inputs, [INITIAL_API_VERSION]: _, [FIELD_MANAGER]: __, ...live } = state;
  const plain = unwrap(inputs);
  return { inputs: isMap(plain) ? plain : {}, live, fieldManager: stringAt(state, FIELD_MANAGER) };
}

/** The object with everything marked that is secret in the inputs or by its kind. */
export function secretsOf(kind: ObjectKind, object: PropertyMap, inputs: PropertyMap): PropertyMap {
  const marked = copySecrecy(object, inputs);
  return kind.protect ? kind.protect(marked) : marked;
}
