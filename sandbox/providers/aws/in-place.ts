/**
 * Refuses a change in place that AWS does not take and for which the official plugin replaces the resource. Which changes of
 * a property are of that kind hangs on its values, and the table of types does not say such a thing.
 *
 * @param what cannot be done, as `a rule's source cannot become a group`.
 * @param properties those that changed.
 */
export function refuseInPlace(what: string, properties: readonly string[]): never {
  const names = properties.map((name) => `"${name}"`).join(", ");
  throw new Error(
    `${what} in place: the official plugin replaces it, the stand-in for the aws plugin does not see that. ` +
      `Give the resource the option { replaceOnChanges: [${names}] }`,
  );
}
