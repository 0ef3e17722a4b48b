import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type History, readGrowingHistory, readHistory, updateMessage } from "../../../delivery/engine/history.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { FakePulumi } from "../fake-pulumi.ts";

let pulumi: FakePulumi;
beforeEach(() => {
  pulumi = new FakePulumi();
  vi.stubEnv("PATH", pulumi.path);
});
afterEach(() => vi.unstubAllEnvs());

function entry(message: string, over: object = {}): object {
  const time = { startTime: "2026-01-31T12:00:00Z", endTime: "2026-01-31T12:00:31Z" };
  const config = { "slipway:release": { value: "v1.0.0" } };
  return { kind: "update", ...time, message, environment: {}, config, result: "succeeded", ...over };
}

async function read(entries: object[]) {
  pulumi.answer("stack history", { stdout: JSON.stringify(entries) });
  return readHistory(temporaryFolder(), "dev");
}

/** Answers like a backend that pages. @param largest page that it gives, whatever is asked for */
function answerPages(entries: object[], largest = Number.MAX_SAFE_INTEGER): void {
  const all = JSON.stringify(entries).replaceAll("'", "");
  const script = `node -e '
const [, size, , page] = process.argv.slice(process.argv.indexOf("--page-size"));
const step = Math.min(Number(size), ${largest});
console.log(JSON.stringify(${all}.slice((page - 1) * step, page * step)));' -- "$@"`;
  pulumi.answer("stack history", { script });
}

describe("an update in the history", () => {
  const message = updateMessage({ action: "rollback", releases: "v1.0.0", actor: "Ada\nLovelace" });

  it("has its action and author in the message, readable for people", async () => {
    expect(message.split("\n")[0]).toBe("rollback v1.0.0 by Ada Lovelace");
    expect(await read([entry(message)])).toEqual([
      {
        at: "2026-01-31T12:00:00.000Z",
        seconds: 31,
        action: "rollback",
        by: "Ada Lovelace",
        releases: { release: "v1.0.0", tags: {} },
        result: "succeeded",
      },
    ]);
  });

  it("says in its message that it had uncommitted changes", async () => {
    const dirty = updateMessage({ action: "deploy", releases: "v1.0.0", actor: "ada", uncommitted: ["charts/a.yaml"] });
    expect(dirty).toMatch(/^deploy v1\.0\.0 by ada, with uncommitted changes\n.*charts\/a\.yaml$/s);
    expect((await read([entry(dirty)]))[0]).toMatchObject({ action: "deploy", by: "ada" });
  });

  it.each([
    "rollback of prices by hand",
    "rollback v0.9.0 by hand",
    "Roll dev back to v1.0.0 [skip ci]\n\nSlipway-Stack: dev\nSlipway-Action: rollback\nSlipway-By: ada",
    "fix: x\n\nabout\n\nSlipway-Action: rollback\nSlipway-By: ada",
  ])("is not ours because its message looks like it: %j", async (text) => {
    const [found] = await read([entry(text, { environment: { "git.author": "Grace" } })]);
    expect(found).toMatchObject({ action: "update", by: "Grace" });
  });

  it("is marked if only its single line looks like ours, as earlier versions wrote it", async () => {
    expect((await read([entry("rollback v1.0.0 by ada")]))[0]).toMatchObject({ action: "rollback", unsigned: true });
    expect((await read([entry(message)]))[0]).not.toHaveProperty("unsigned");
  });

  it("has no duration while it is in progress", async () => {
    for (const over of [{ endTime: undefined }, { endTime: "1970-01-01T00:00:00Z" }]) {
      const [found] = await read([entry(message, { ...over, result: "in-progress" })]);
      expect(found).not.toHaveProperty("seconds");
    }
  });

  it("may be the destruction of the stack, but not a refresh", async () => {
    const kinds = ["refresh", "destroy", "preview"].map((kind) => entry("by hand", { kind }));
    expect((await read(kinds)).map(({ action }) => action)).toEqual(["destroy"]);
  });
});

describe("a long history", () => {
  const updates = (count: number, numbered = false) =>
    Array.from({ length: count }, (_, index) =>
      entry(`update ${count - index}`, {
        startTime: new Date(1.75e12 - index * 60_000).toISOString(),
        ...(numbered && { version: count - index }),
      }),
    );
  const readParts = async (): Promise<History[]> => {
    const parts: History[] = [];
    for await (const part of readGrowingHistory(temporaryFolder(), "dev", 60)) parts.push(part);
    return parts;
  };
  const sizes = (parts: History[]) => parts.map((part) => [part.updates.length, part.complete]);

  it("is read in growing parts until it is complete", async () => {
    answerPages(updates(300));
    expect(sizes(await readParts())).toEqual([
      [60, false],
      [240, false],
      [300, true],
    ]);
  });

  it("is complete at once if it is short, also with exactly as many entries as asked for", async () => {
    answerPages(updates(10));
    expect(sizes(await readParts())).toEqual([[10, true]]);
    answerPages(updates(60));
    expect(sizes(await readParts())).toEqual([
      [60, false],
      [60, true],
    ]);
  });

  it("is read page by page from a backend that gives fewer entries than asked for", async () => {
    answerPages(updates(130, true), 50);
    const parts = await readParts();
    expect(sizes(parts).at(-1)).toEqual([130, true]);
    const numbers = parts.at(-1)?.updates.map((update) => update.number);
    expect(numbers).toEqual(Array.from({ length: 130 }, (_, index) => 130 - index));
  });

  it("ends if the backend repeats itself", async () => {
    pulumi.answer("stack history", { stdout: JSON.stringify([entry("update 7", { version: 7 })]) });
    expect(sizes(await readParts())).toEqual([[1, true]]);
  });
});
