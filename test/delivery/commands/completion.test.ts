import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { findCandidates } from "../../../delivery/commands/completion.ts";
import { createProgram } from "../../../delivery/program.ts";
import { projectRoot } from "../../project-root.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { runCommand } from "../shop.ts";

const program = createProgram(projectRoot);
const complete = (...words: string[]) => findCandidates(program, words, projectRoot);

describe("completion", () => {
  it.each([
    ["commands", ["de"], ["deploy"]],
    ["all commands", [""], expect.arrayContaining(["deploy", "stacks", "doctor", "help"])],
    ["options", ["deploy", "--rel"], ["--release"]],
    ["stacks", ["deploy", "--stack", ""], ["dev", "local", "prod", "qa", "staging", "strategies"]],
    ["stacks of other options", ["promote", "--from", "dev", "--to", "sta"], ["staging"]],
    ["services", ["deploy", "--stack", "dev", "--service", "w"], ["web", "worker"]],
    ["more services", ["deploy", "--service", "web", "wor"], ["worker"]],
    ["services as arguments", ["logs", "--stack", "dev", "a"], ["api"]],
    ["choices", ["completion", ""], ["bash", "zsh", "fish"]],
    ["choices of options", ["notify", "--status", "f"], ["failure"]],
    ["nothing for free text", ["deploy", "--release", ""], []],
    ["nothing for an unknown command", ["deploi", "-"], []],
    ["services of a stack that does not exist", ["deploy", "--stack", "nowhere", "--service", ""], []],
  ])("offers %s", (_, words, candidates) => {
    expect(complete(...words)).toEqual(candidates);
  });

  it("prints the candidates, one a line", async () => {
    const { exitCode, stdout } = await runCommand(["completion", "bash", "--", "deploy", "--stack", "p"], projectRoot);
    expect([exitCode, stdout]).toEqual([0, "prod\n"]);
  });

  it("works in bash", async () => {
    const folder = temporaryFolder();
    const { stdout: script } = await runCommand(["completion", "bash"], projectRoot);
    writeFileSync(join(folder, "slipway"), `#!/bin/sh\nexec node ${projectRoot}/delivery/slipway.mjs "$@"\n`, {
      mode: 0o755,
    });
    const test = `${script}\nCOMP_WORDS=(slipway deploy --stack sta); COMP_CWORD=3; _slipway; echo "\${COMPREPLY[@]}"`;
    const { stdout } = await execa("bash", ["-c", test], {
      cwd: projectRoot,
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    expect(stdout).toBe("staging");
  });

  it.each(["bash", "zsh", "fish"])("has a script for %s that asks the command itself", async (shell) => {
    const { stdout } = await runCommand(["completion", shell], projectRoot);
    expect(stdout).toContain(`slipway completion ${shell} -- `);
  });
});
