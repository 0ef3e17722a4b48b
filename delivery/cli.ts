import "../components/fast-start.ts";
import { basename, join } from "node:path";

const { runProgram } = await import("./run-program.ts");

const root = join(import.meta.dirname, "..");
const [, script = "", ...args] = process.argv;
const name = basename(script).startsWith("slipway") ? "slipway" : undefined;

process.exitCode = await runProgram(args, root, name);
