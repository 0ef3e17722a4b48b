import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commitMessage } from "../../../delivery/git/record.ts";
import { stubMachine } from "../machine.ts";
import type { Clone } from "../repositories.ts";
import { changeTo, commit, FILE, filesOf, TEXT, useRecords } from "./records.ts";

let clone: Clone;

const copy = useRecords();
beforeEach(() => {
  stubMachine();
  ({ clone } = copy());
});
afterEach(() => vi.unstubAllEnvs());

describe("commitRecord", () => {
  it("commits only the stack's file, whatever else is staged or changed", async () => {
    clone.write("staged.go", "package main\n");
    await clone.git("add", "staged.go");
    clone.write("app.go", "package app\n");
    const made = await commit(changeTo("v1.1.0"), clone);
    expect(made).toBe(await clone.head());
    expect(await filesOf(clone, "HEAD")).toEqual([FILE]);
    expect(await clone.git("status", "--porcelain")).toBe(" M app.go\nA  staged.go");
  });

  it("changes only the release and keeps comments, order, quotes and spaces", async () => {
    await commit(changeTo("v1.1.0"), clone);
    expect(clone.read(FILE)).toBe(
      TEXT.replace("{ api: { tag: 'v0.9.0' } }", "{ api: { tag: 'v0.9.0' }, web: { tag: v1.1.0 } }"),
    );
  });

  it("takes no trailer from the name of the author or the subject", () => {
    const change = {
      ...changeTo("v1.1.0"),
      actor: "mallory\nSlipway-Action: rollback",
      subject: "Deploy\r\n\nSlipway-By: x",
    };
    const message = commitMessage(change);
    expect(message.match(/^Slipway-\w+/gm)).toEqual(["Slipway-Stack", "Slipway-Action", "Slipway-By"]);
    expect(message.split("\n")[0]).toBe("Deploy Slipway-By: x");
  });

  it("names the stack, the action and the author for people, git and CI", async () => {
    await commit(changeTo("v1.1.0"), clone);
    const trailers = "%(trailers:key=Slipway-Stack,valueonly,separator=%x2C)";
    expect(await clone.git("log", "-1", `--format=%s|%an|%ae|${trailers}`)).toBe(
      "Deploy web v1.1.0 to dev|Ada Lovelace|Ada-Lovelace@users.noreply.github.com|dev",
    );
  });

  it("uses git's identity if there is one", async () => {
    await clone.git("config", "user.name", "Grace");
    await clone.git("config", "user.email", "grace@example.com");
    await commit(changeTo("v1.1.0"), clone);
    expect(await clone.git("log", "-1", "--format=%an %ce")).toBe("Grace grace@example.com");
  });

  it.each(["changed", "staged"])("refuses a file with uncommitted changes (%s)", async (how) => {
    const before = await clone.head();
    clone.write(FILE, `${TEXT}# mine\n`);
    if (how === "staged") await clone.git("add", FILE);
    await expect(commit(changeTo("v1.1.0"), clone)).rejects.toThrow(`${FILE} has uncommitted changes`);
    expect([await clone.head(), clone.read(FILE)]).toEqual([before, `${TEXT}# mine\n`]);
  });

  it("makes no commit if the file needs no change", async () => {
    await commit(changeTo("v1.1.0"), clone);
    const before = await clone.head();
    expect(await commit(changeTo("v1.1.0"), clone)).toBeUndefined();
    expect(await clone.head()).toBe(before);
  });

  it("restores the file if git cannot commit", async () => {
    clone.write(".git/index.lock", "");
    await expect(commit(changeTo("v1.1.0"), clone)).rejects.toThrow("index.lock");
    expect(clone.read(FILE)).toBe(TEXT);
  });

  it("says how to go on if git signs commits and the key is not at hand", async () => {
    await clone.git("config", "commit.gpgSign", "true");
    await clone.git("config", "gpg.format", "ssh");
    await clone.git("config", "user.signingKey", "/nowhere/key.pub");
    await expect(commit(changeTo("v1.1.0"), clone)).rejects.toThrow(
      /left unchanged: .*commit\.gpgSign false.*--no-commit/,
    );
    expect(clone.read(FILE)).toBe(TEXT);
  });

  it.each(["pre-commit", "commit-msg", "prepare-commit-msg"])("does not run the hook %s", async (hook) => {
    clone.hook(hook, "echo 'the linter is not installed' >&2; exit 1");
    expect(await commit(changeTo("v1.1.0"), clone)).toBe(await clone.head());
  });

  it("works in a project that is a folder of its repository", async () => {
    await clone.commit("chore: move", { [`deploy/${FILE}`]: TEXT });
    await commit(changeTo("v1.1.0"), clone, "deploy");
    expect(await filesOf(clone, "HEAD")).toEqual([`deploy/${FILE}`]);
  });
});
