import { execa } from "execa";
import { isPlainMap, type Plain, type PlainMap } from "../protocol/value.ts";

/** How many of Helm's last output lines an error carries. */
const ERROR_LINES = 20;

export interface HelmRun {
  /** Given on standard input, as the values of a release are: they never show in the process list. */
  input?: string;
  /** When it aborts Helm is interrupted (SIGINT) and marks or rolls back the release itself. */
  signal?: AbortSignal;
}

/** A failed run of the `helm` program. */
export class HelmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HelmError";
  }

  /** There is no release of this name. */
  get notFound(): boolean {
    return /release: not found/.test(this.message);
  }

  /** The name is taken by a release that this resource did not make. */
  get nameInUse(): boolean {
    return /cannot re-use a name that is still in use/.test(this.message);
  }
}

/**
 * Runs the `helm` program ($HELM_PATH, else the one on PATH) and returns what it printed.
 *
 * @throws {HelmError} with Helm's own message.
 */
export async function helm(args: string[], { input, signal }: HelmRun = {}): Promise<string> {
  const program = process.env.HELM_PATH || "helm";
  const result = await execa(program, args, {
    input: input ?? "",
    reject: false,
    ...(signal ? { cancelSignal: signal, killSignal: "SIGINT" as const } : {}),
    // Helm has its own timeouts and, interrupted, needs time for a roll back.
    forceKillAfterDelay: false,
    maxBuffer: 512 * 1024 * 1024,
  });
  if (!result.failed) return result.stdout ?? "";
  if (result.code === "ENOENT") {
    throw new HelmError(`the helm program was not found at "${program}"; put helm 3 on PATH or set HELM_PATH`);
  }
  const lines = (result.stderr ?? "").split("\n").filter((line) => line.trim() !== "" && !line.startsWith("WARNING:"));
  const message = lines
    .slice(-ERROR_LINES)
    .join("\n")
    .replace(/^Error: /m, "");
  throw new HelmError(message || result.shortMessage || `helm ${args[0] ?? ""} failed`);
}

/** Runs `helm` with JSON output. */
export async function helmJson(args: string[], run: HelmRun = {}): Promise<PlainMap> {
  const output = await helm([...args, "--output", "json"], run);
  const value: Plain = JSON.parse(output);
  if (!isPlainMap(value)) throw new HelmError(`helm ${args[0] ?? ""} printed something other than a JSON object`);
  return value;
}
