import { basename, join } from "node:path";
import { runProgram } from "./run-program.ts";

const root = join(import.meta.dirname, "..");
const [, script = "", ...args] = process.argv;
const name = basename(script).startsWith("slipway") ? "slipway" : undefined;

process.exitCode = await runProgram(args, root, name);
