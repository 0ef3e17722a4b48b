import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readEventLog } from "../../../delivery/engine/event-log.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { begun, ended, started } from "./events.ts";

const change = started("create", "kubernetes:core/v1:Namespace::shop", { new: {} });
const whole = [begun(), change, ended()]
  .map((event, sequence) => `${JSON.stringify({ ...event, sequence })}\n`)
  .join("");

function read(text: string) {
  const file = join(temporaryFolder(), "events.json");
  writeFileSync(file, text);
  const { events, isComplete, isCutOff } = readEventLog(file);
  return { count: events.length, isComplete, isCutOff };
}

it("is complete if it has its end", () => {
  expect(read(whole)).toEqual({ count: 3, isComplete: true, isCutOff: false });
});

it("is cut off at every other place after its beginning", () => {
  const first = whole.indexOf("\n") + 1;
  const last = whole.trimEnd().lastIndexOf("\n") + 1;
  for (let at = first; at < last; at++) expect(read(whole.slice(0, at)), `${at}`).toMatchObject({ isCutOff: true });
  expect(read(whole.slice(0, last - 1)).count).toBe(2);
});

it("is neither without a beginning and an end", () => {
  expect(read(`${JSON.stringify(change)}\n`)).toEqual({ count: 1, isComplete: false, isCutOff: false });
  expect(read("")).toEqual({ count: 0, isComplete: false, isCutOff: false });
});

it("is empty if the file does not exist", () => {
  expect(readEventLog(join(temporaryFolder(), "events.json")).events).toEqual([]);
});

it("misses an event that could not be written, as on a full disk that has room again", () => {
  const [first = "", , last = ""] = whole.split("\n");
  expect(read(`${first}\n${last}\n`)).toEqual({ count: 2, isComplete: false, isCutOff: true });
});
