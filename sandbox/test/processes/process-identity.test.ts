import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { identify, isAlive, isSameProcess, parseStat } from "../../processes/process-identity.ts";

const tail = "S 1 10 10 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0";

describe("parseStat", () => {
  it("reads the start time after a command with spaces and brackets", () => {
    expect(parseStat(`42 (a b) c) ${tail}`)).toEqual({ state: "S", parent: 1, startTime: "987654" });
  });
});

describe("identity of a process", () => {
  const recorded = { pid: 42, startTime: "987654", bootId: "boot-1" };

  it("differs from that of a later process with the same pid", () => {
    expect(isSameProcess(recorded, { ...recorded, startTime: "987655" })).toBe(false);
  });

  it("differs from that of a process of another boot with the same pid and start time", () => {
    expect(isSameProcess(recorded, { ...recorded, bootId: "boot-2" })).toBe(false);
  });

  it("is its own", () => {
    expect(isSameProcess(recorded, { ...recorded })).toBe(true);
    expect(isSameProcess(recorded, undefined)).toBe(false);
  });

  it("ends with the process", async () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    await once(child, "spawn");
    const identity = identify(child.pid ?? -1);
    if (!identity) throw new Error("a live process has an identity");
    expect(isAlive(identity)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(identity)).toBe(false);
  });
});
