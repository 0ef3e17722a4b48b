import { execa } from "execa";
import { expect, it } from "vitest";
import { projectRoot } from "./project-root.ts";

/** Parses the files that Node would run, with the types stripped, and prints those that are no longer JavaScript. */
const parseAll = `
  import { readFileSync } from "node:fs";
  import { stripTypeScriptTypes } from "node:module";
  import { SourceTextModule } from "node:vm";
  for (const file of process.argv.slice(1)) {
    try {
      new SourceTextModule(stripTypeScriptTypes(readFileSync(file, "utf8")));
    } catch (error) {
      console.log(file + ": " + error.message);
    }
  }`;

// The compiler's erasableSyntaxOnly does not find everything: Node cannot strip a private method that is named "declare".
it("every TypeScript file is JavaScript once Node has stripped its types", async () => {
  const { stdout: files } = await execa("git", ["ls-files", "*.ts"], { cwd: projectRoot });
  expect(files).toContain("index.ts");
  const args = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "--input-type=module"];
  const { stdout } = await execa("node", [...args, "--eval", parseAll, ...files.split("\n")], { cwd: projectRoot });
  expect(stdout).toBe("");
});
