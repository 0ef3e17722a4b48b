import { ApiException, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";

/** Sends a patch as a JSON merge patch: https://www.rfc-editor.org/rfc/rfc7386 */
export const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** Sends a patch as a JSON patch, all of it or nothing: https://www.rfc-editor.org/rfc/rfc6902 */
export const JSON_PATCH = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);

/** The answer to a request, or undefined if what it is about does not exist. */
export async function unlessMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

/** A label selector for objects that have all the labels. */
export function selector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
