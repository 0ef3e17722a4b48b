import { expect, it } from "vitest";
import { formatDuration } from "../../platform/duration.ts";

it.each([
  [0, "0.0 s"],
  [640, "0.6 s"],
  [59_900, "59.9 s"],
  [59_990, "1 min 0 s"],
  [119_600, "2 min 0 s"],
  [200_000, "3 min 20 s"],
])("%i ms is %s", (milliseconds, words) => {
  expect(formatDuration(milliseconds)).toBe(words);
});
