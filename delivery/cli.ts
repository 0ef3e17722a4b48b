import { join } from "node:path";
import { runProgram } from "./run-program.ts";

process.exitCode = await runProgram(process.argv.slice(2), join(import.meta.dirname, ".."));
