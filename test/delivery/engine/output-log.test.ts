import { expect, it } from "vitest";
import { OutputLog } from "../../../delivery/engine/output-log.ts";

function logOf(lines: readonly string[], most?: number): string {
  const log = new OutputLog(most);
  for (const line of lines) log.add(line);
  return log.text;
}

it("has every line of a usual output", () => {
  expect(logOf(["a", "", "b"])).toBe("a\n\nb\n");
});

it("has the beginning and the end of a very long output, and says how much is missing", () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `line ${at}`);
  const text = logOf(lines, 200);
  expect(text.length).toBeLessThan(500);
  expect(text).toMatch(/^line 0\nline 1\n/);
  expect(text).toMatch(/line 49998\nline 49999\n$/);
  const [, missing] = /… (\d+) lines/.exec(text) ?? [];
  expect(Number(missing) + text.trimEnd().split("\n").length - 1).toBe(lines.length);
});

it("has one line that is longer than all the room", () => {
  expect(logOf(["x".repeat(1000)], 200)).toBe(`${"x".repeat(1000)}\n`);
});
