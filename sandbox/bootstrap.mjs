// Entry point of the npm scripts. Plain JavaScript that Node 20 can run, before any package is installed: it provides the
// Node version that Slipway needs, installs the packages, and starts the command.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { nodeBinary, nodeVersion } from "./node.mjs";

const root = join(import.meta.dirname ?? ".", "..");
const needed = Number.parseInt(nodeVersion, 10);
const [major = 0] = process.versions.node.split(".").map(Number);

if (major < needed) await continueOnNeededNode();
else await runCommand();

async function runCommand() {
  installPackages();
  await import("./cli.ts");
}

/** Runs this file again on a Node from npm, first on PATH, so that npm, the tests and the engine's plugins run on it too. */
async function continueOnNeededNode() {
  if (process.platform !== "linux") {
    console.error(
      `Slipway needs Node ${needed} or newer; this is Node ${process.versions.node}. Install it and try again.`,
    );
    process.exitCode = 1;
    return;
  }
  let node = "";
  try {
    node = await nodeBinary((line) =>
      console.error(`Slipway needs Node ${needed}; this is Node ${process.versions.node}: ${line} …`),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(
      `Node ${nodeVersion} could not be downloaded: ${reason.trim()}\n` +
        `Check that npm reaches its registry and run the command again, or install Node ${needed} yourself.`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [join(root, "sandbox/bootstrap.mjs"), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  const [code, killedBy] = await once(child, "exit");
  process.exitCode = killedBy ? 128 + constants.signals[/** @type {NodeJS.Signals} */ (killedBy)] : code;
}

/** Installs the packages of package-lock.json if its content has changed since the last time. */
function installPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".slipway-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  // On standard error, because a program may read what the command prints.
  console.error("Installing npm packages (once; about a minute) …");
  // The packages' own install scripts would download Pulumi plugins, which the CLI does when it needs one.
  const { status } = spawnSync("npm", ["ci", "--include=dev", "--ignore-scripts", "--no-fund", "--no-audit"], {
    cwd: root,
    stdio: ["inherit", 2, 2],
  });
  if (status !== 0) {
    console.error("npm ci failed: see above. Fix the cause (no registry, a full disk) and run the same command again.");
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
