import type { Props } from "./resource.ts";

/**
 * Refuses to import something whose id does not tell where to look for it.
 *
 * @param known what is known of it: nothing on an import.
 * @param what of it the id does not tell.
 */
export function refuseImport(known: Props, what: string): void {
  if (Object.keys(known).length > 0) return;
  throw new Error(
    `the stand-in for the aws plugin cannot import it, for its id does not tell ${what}: use the official plugin`,
  );
}
