import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { writeBeside } from "../../delivery/write-beside.ts";
import { projectRoot } from "../project-root.ts";
import { temporaryFolder } from "../temporary-folder.ts";

it("replaces the text, and keeps permissions and links", () => {
  const folder = temporaryFolder();
  const [file, link] = [join(folder, "real.yaml"), join(folder, "link.yaml")];
  writeFileSync(file, "old\n");
  chmodSync(file, 0o640);
  symlinkSync(file, link);
  writeBeside(link, "link.yaml", "new\n");
  expect(readFileSync(file, "utf8")).toBe("new\n");
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["link.yaml", "real.yaml"]);
});

it("leaves the old text if the new one does not fit on the disk", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "a.yaml");
  const old = "a: 1\n".repeat(400);
  writeFileSync(file, old);
  const module = JSON.stringify(join(projectRoot, "delivery/write-beside.ts"));
  const program = `process.on("SIGXFSZ", () => {}); const { writeBeside } = await import(${module}); writeBeside(${JSON.stringify(file)}, "a.yaml", "b: 2\\n".repeat(900));`;
  // A limit of the shell stands in for the full disk: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ulimit.html
  const command = `ulimit -f 2; exec "$0" --input-type=module --eval "$1"`;
  const { exitCode, stderr } = await execa("bash", ["-c", command, process.execPath, program], { reject: false });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("a.yaml cannot be written");
  expect(readFileSync(file, "utf8")).toBe(old);
  expect(readdirSync(folder)).toEqual(["a.yaml"]);
});
