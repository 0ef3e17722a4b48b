/** A value that differs. */
export interface Difference {
  /** Keys from the top, joined by dots. */
  path: string;
  /** Left out where there was none. */
  from?: unknown;
  to?: unknown;
}

/** Keys that are the engine's or a provider's own business. */
const INTERNAL = /^__/;

/** Key by which the engine marks a secret: https://www.pulumi.com/docs/iac/concepts/secrets/, `resource.SigKey` in its SDK. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** What the engine says for a value that only the update will know: `unknownValue` and its kin in the SDK's runtime/rpc. */
const UNKNOWN = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** What differs between two values, by path. Maps are gone into; lists count as a whole; of a secret only that it is one. */
export function findDifferences(before: unknown, after: unknown, path = ""): Difference[] {
  if (isMap(before) && isMap(after) && !isSecret(before) && !isSecret(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)].filter((key) => !INTERNAL.test(key)));
    return [...keys]
      .sort()
      .flatMap((key) => findDifferences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  // How two secrets differ is the engine's to know: it hides both.
  if ((isSecret(before) && isSecret(after)) || JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    { path, ...(before !== undefined && { from: shown(before) }), ...(after !== undefined && { to: shown(after) }) },
  ];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: unknown): boolean {
  return isMap(value) && SIGNATURE in value;
}

function shown(value: unknown): unknown {
  if (isSecret(value)) return "[secret]";
  if (UNKNOWN.includes(value as string)) return "[known after the update]";
  if (Array.isArray(value)) return value.map(shown);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}
