/** A value that differs. */
export interface Difference {
  /** Keys from the top, joined by dots. */
  path: string;
  /** Undefined if there was no value. */
  from?: unknown;
  /** Undefined if there is no value any more. */
  to?: unknown;
}

/** Shown in place of a value that the update will determine. */
export const UNKNOWN = "[known after the update]";

/** Keys that the engine and providers keep for themselves. */
const INTERNAL = /^__/;

/** Key that marks a secret: https://www.pulumi.com/docs/iac/concepts/secrets/, `sig.Key` in the engine's SDK. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Placeholders for unknown values, by type: `UnknownStringValue` and others in the engine's SDK, resource/sig/sig.go. */
const PLACEHOLDERS = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** The differences between two values, by path. Maps are compared key by key, lists as a whole. Secrets are not compared. */
export function findDifferences(before: unknown, after: unknown, path = ""): Difference[] {
  if (isMap(before) && isMap(after) && !isSecret(before) && !isSecret(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)].filter((key) => !INTERNAL.test(key)));
    return [...keys]
      .sort()
      .flatMap((key) => findDifferences(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  // The engine hides the values of both, so it alone can compare them.
  if ((isSecret(before) && isSecret(after)) || JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    {
      path,
      ...(before !== undefined && { from: displayValue(before) }),
      ...(after !== undefined && { to: displayValue(after) }),
    },
  ];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: unknown): boolean {
  return isMap(value) && SIGNATURE in value;
}

function displayValue(value: unknown): unknown {
  if (isSecret(value)) return "[secret]";
  if (PLACEHOLDERS.includes(value as string)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(displayValue);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, displayValue(inner)]));
}
