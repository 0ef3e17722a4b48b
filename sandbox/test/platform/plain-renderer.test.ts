import { setTimeout as sleep } from "node:timers/promises";
import { Listr, type ListrTask } from "listr2";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PlainRenderer } from "../../platform/plain-renderer.ts";

let lines: string[];

beforeEach(() => {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => void vi.restoreAllMocks());

/** Runs steps under one title. Durations are cut off the lines. */
async function show(...steps: ListrTask[]): Promise<string[]> {
  const whole: ListrTask = { title: "All", task: (_, task) => task.newListr(steps, { concurrent: true }) };
  await new Listr([whole], { renderer: PlainRenderer, registerSignalListeners: false }).run().catch(() => undefined);
  return lines.map((line) => line.replace(/ \(\d+\.\d s\)$/, ""));
}

const quick: ListrTask = { title: "Quick", task: () => undefined };

describe("PlainRenderer", () => {
  it("shows one line if nothing took long and nothing was done", async () => {
    const nested: ListrTask = { title: "Nested", task: (_, task) => task.newListr([quick, quick]) };
    expect(await show(quick, nested)).toEqual(["✔ All"]);
    expect(lines[0]).toMatch(/^✔ All \(\d\.\d s\)$/);
  });

  it("shows a step that did something, by its changed title", async () => {
    const changing: ListrTask = {
      title: "etcd",
      task: (_, task) => {
        task.title = "etcd: started";
      },
    };
    expect(await show(quick, changing)).toEqual(["✔ etcd: started", "✔ All"]);
  });

  it("shows the start, the output and the end of a long step", async () => {
    const long: ListrTask = {
      title: "helm",
      task: async (_, task) => {
        task.title = "helm: building";
        await sleep(1100);
        task.output = "7 packages";
        task.title = "helm: built";
      },
    };
    expect(await show(long)).toEqual(["… helm: building", "  helm: 7 packages", "✔ helm: built", "✔ All"]);
  });

  it("shows a failed step, but not the steps that run beside it or the list that it belongs to", async () => {
    const failing: ListrTask = {
      title: "Bad",
      task: async () => {
        await sleep(20);
        throw new Error("no");
      },
    };
    const beside: ListrTask = { title: "Beside", task: () => sleep(60) };
    const part: ListrTask = {
      title: "Part",
      task: (_, task) => task.newListr([failing, beside], { concurrent: true }),
    };
    expect(await show(part)).toEqual(["✖ Bad", "✖ All"]);
  });
});
