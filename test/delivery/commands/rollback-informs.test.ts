import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readReleases } from "../../../delivery/stack-file.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { runCommand, useShop } from "../shop.ts";

const shop = useShop();

it("a rollback that cannot list the migrations in between warns and goes on", async () => {
  for (const release of ["v0.9.0", "v1.0.0"]) await shop.clone.git("tag", release);
  const folder = temporaryFolder();
  const git = `#!/bin/sh\ncase "$*" in *--raw*) echo 'fatal: bad object' >&2; exit 128 ;; esac\nPATH='${process.env.PATH}' exec git "$@"\n`;
  writeFileSync(join(folder, "git"), git);
  chmodSync(join(folder, "git"), 0o755);
  const environment = { ...shop.environment, PATH: `${folder}:${shop.pulumi.path}` };
  const { exitCode, stderr } = await runCommand(["rollback", "--stack", "dev"], shop.clone.root, environment);
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("⚠ What the rollback leaves as it is cannot be listed: fatal: bad object.");
  expect(readReleases(shop.stackFile).release).toBe("v0.9.0");
});

it.each<[string[], string]>([
  [["rollback"], "rollback "],
  [["rollback", "--across-contract"], "rollback true"],
  [["deploy", "--across-contract"], "deploy true"],
  [["restart"], "restart "],
])(
  "%j tells the program what it is, in the update and in the plan before it",
  { timeout: 60_000 },
  async (args, told) => {
    const file = join(temporaryFolder(), "told");
    const script = `echo "$SLIPWAY_ACTION $SLIPWAY_ACROSS_CONTRACT" >> '${file}'`;
    for (const command of ["up", "preview"]) shop.pulumi.answer(command, { script });
    for (const release of ["v0.9.0", "v1.0.0"]) await shop.clone.git("tag", release);
    const runs = [
      [...args, "--stack", "dev", "--dry-run"],
      [...args, "--stack", "dev"],
    ];
    for (const run of runs) await runCommand(run, shop.clone.root, shop.environment);
    expect(readFileSync(file, "utf8")).toBe(`${told}\n${told}\n`);
  },
);
