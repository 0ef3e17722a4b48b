import { execa } from "execa";
import { projectRoot } from "./project-root.ts";

/** Scripts of package.json. The types are checked while tests wait, and what they print is shown at the end. */
const BESIDE_THE_TESTS = "typecheck";

/** Runs the checks that need no sandbox. Ends with one line, and with exit code 0 only if all have passed. */
async function check(): Promise<void> {
  const script = (name: string, stdio: "inherit" | "pipe") =>
    execa("npm", ["run", "--silent", name], {
      cwd: projectRoot,
      reject: false,
      all: true,
      stdin: "ignore",
      stdout: stdio,
      stderr: stdio,
    });
  const passed = new Map<string, boolean>();
  const beside = script(BESIDE_THE_TESTS, "pipe");
  for (const name of ["lint", "test:unit"]) passed.set(name, (await script(name, "inherit")).exitCode === 0);
  const { exitCode, all } = await beside;
  passed.set(BESIDE_THE_TESTS, exitCode === 0);
  if (all) console.log(`\n${BESIDE_THE_TESTS}:\n${all}`);
  console.log(`\n${[...passed].map(([name, ok]) => `${name} ${ok ? "passed" : "failed"}`).join(", ")}`);
  process.exitCode = [...passed.values()].every(Boolean) ? 0 : 1;
}

await check();
