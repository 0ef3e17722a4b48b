#!/usr/bin/env node
// The command `slipway`: npx slipway, or npm link. Plain JavaScript, so that an older Node can say that it is too old.
import "./check-node.mjs";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const COMMAND_LINE = "delivery/cli.ts";

/** The project around a folder. It brings its own commands, which know its config. */
function findProject(folder) {
  if (existsSync(join(folder, "Pulumi.yaml")) && existsSync(join(folder, COMMAND_LINE))) return folder;
  return dirname(folder) === folder ? undefined : findProject(dirname(folder));
}

// Outside of any project, it is the one that the command was linked from.
const root = findProject(process.cwd()) ?? join(import.meta.dirname, "..");

try {
  createRequire(join(root, "package.json")).resolve("commander");
} catch {
  console.error(`The packages of ${root} are not installed. Run there: npm ci --ignore-scripts`);
  process.exit(1);
}
await import(pathToFileURL(join(root, COMMAND_LINE)).href);
