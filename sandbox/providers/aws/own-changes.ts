/** The properties that changed, less the tags: those are changed by calls of their own. */
export function ownChanges(changed: ReadonlySet<string>): string[] {
  return [...changed].filter((name) => name !== "tags" && name !== "tagsAll");
}
