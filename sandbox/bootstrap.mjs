// The door to everything, in plain JavaScript: it runs before there is any package, and installs them.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname ?? ".", "..");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 18)) {
  console.error(`Node ${process.versions.node} given; Slipway needs Node 20.18 or newer. Install it and try again.`);
  process.exit(1);
}

installPackages();
const { register } = await import("tsx/esm/api");
register();
await import("./cli.ts");

/** Installs what package-lock.json says, once per content of it. */
function installPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".slipway-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  // On standard error: what a command prints may be for a program.
  console.error("Installing npm packages (once; about a minute) …");
  // The packages' own install scripts fetch Pulumi plugins; the CLI does that by itself when it needs one.
  const { status } = spawnSync("npm", ["ci", "--include=dev", "--ignore-scripts", "--no-fund", "--no-audit"], {
    cwd: root,
    stdio: ["inherit", 2, 2],
  });
  if (status !== 0) {
    console.error(
      "npm ci failed: see above. Mend that (a registry out of reach, a full disk) and run the same command again.",
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
