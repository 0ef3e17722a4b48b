import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ExecaError, execa } from "execa";
import { describeMemory, memory } from "./machine/memory.ts";
import { paths } from "./paths.ts";
import { fits, type Tool, type ToolName, tools } from "./tools.ts";

const sources = fileURLToPath(new URL("./toolchain/", import.meta.url));

function linkerFlags(tool: Tool): string {
  const variables = Object.entries(tool.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  return ["-s -w", ...variables].join(" ");
}

let goVersionOnce: Promise<string> | undefined;
function goVersion(): Promise<string> {
  goVersionOnce ??= execa("go", ["env", "GOVERSION"]).then(({ stdout }) => stdout.trim());
  return goVersionOnce;
}

/** Where the built tool lies: the name carries a hash of all that decides what comes out of the build. */
async function binaryPath(tool: Tool): Promise<string> {
  const hash = createHash("sha256")
    .update(await goVersion())
    .update(linkerFlags(tool))
    .update(tool.package);
  for (const file of ["go.mod", "go.sum", "main.go"]) {
    const path = join(sources, tool.name, file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return join(paths.toolchain, `${tool.name}-${hash.digest("hex").slice(0, 16)}`);
}

function findOnPath(command: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, command);
    if (!folder.startsWith("/") || folder === paths.bin) continue;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The user's own tool, when its version fits. Asked only before a build, for asking takes half a second. */
async function ownTool(tool: Tool): Promise<string | undefined> {
  const path = tool.versionArgs && findOnPath(tool.name);
  if (!path) return undefined;
  const { stdout, exitCode } = await execa(path, tool.versionArgs ?? [], { reject: false, timeout: 20_000 });
  return exitCode === 0 && fits(stdout, tool.version) ? path : undefined;
}

async function build(tool: Tool, target: string, progress: (line: string) => void): Promise<void> {
  const draft = `${target}.${process.pid}`;
  const args = ["build", "-v", "-trimpath", "-ldflags", linkerFlags(tool), "-o", draft, tool.package];
  const running = execa("go", args, {
    cwd: join(sources, tool.name),
    env: { CGO_ENABLED: "0", GOWORK: "off", GOTOOLCHAIN: "local" },
    stdout: "ignore",
    buffer: { stderr: true },
    // A build that is interrupted must not go on in the background, with both cores.
    cleanup: true,
  });
  let compiled = 0;
  for await (const line of running.iterable({ from: "stderr" })) {
    if (/^go: downloading /.test(line)) progress(line.slice("go: ".length));
    else if (/^[\w.-]+\/\S+$/.test(line)) progress(`${++compiled} packages compiled, at ${line}`);
  }
  await running;
  renameSync(draft, target);
}

function link(path: string, name: string): void {
  const place = join(paths.bin, name);
  try {
    if (readlinkSync(place) === path) return;
  } catch {
    // Not there yet.
  }
  mkdirSync(paths.bin, { recursive: true });
  // One that a killed run left.
  rmSync(`${place}.new`, { force: true });
  symlinkSync(path, `${place}.new`);
  renameSync(`${place}.new`, place);
}

/** Drafts of builds that were killed. */
function removeDrafts(target: string): void {
  for (const file of readdirSync(paths.toolchain)) {
    if (join(paths.toolchain, file).startsWith(`${target}.`)) rmSync(join(paths.toolchain, file), { force: true });
  }
}

/** Whether a tool is there, so that nothing needs to be built. */
export async function isBuilt(name: ToolName): Promise<boolean> {
  return existsSync(await binaryPath(tools[name]));
}

/** What to tell of a build that failed. @param said all that `go build` printed, the names of packages included. */
export function buildFailure(tool: Pick<Tool, "name" | "version">, said: string, killed: boolean): string {
  const build = `Building ${tool.name} ${tool.version}`;
  // The kernel ends the compiler or the linker, whichever is the largest process, and Go only names the signal.
  if (killed || /\bsignal: killed\b/.test(said))
    return `${build} was killed, most likely for lack of memory: it takes up to 4 GiB, and this machine has ${describeMemory(memory())}. End what else runs, or give the machine more memory or swap; then run the command again, it goes on where it stopped.`;
  const lines = said
    .trim()
    .split("\n")
    .filter((line) => !/^[\w.-]+\/\S+$/.test(line));
  return `${build} failed:\n${lines.slice(-8).join("\n")}\nIt needs the Go module proxy (go env GOPROXY) and Go 1.26; run the command again once that is mended, it goes on where it stopped.`;
}

/**
 * Makes sure a tool is there, building it if need be, and links its commands into {@link paths}.bin.
 * @param progress told what the build is at; called often.
 * @returns what was done, in words.
 * @throws Error with the compiler's last lines, or the memory there is, when the build fails.
 */
export async function ensureTool(
  name: ToolName,
  progress: (line: string) => void = () => {},
): Promise<"present" | "built" | "the installed one is used"> {
  const tool: Tool = tools[name];
  const target = await binaryPath(tool);
  // A link to the user's own tool that was removed since does not count as existing.
  let done: "present" | "built" | "the installed one is used" = "present";
  if (!existsSync(target)) {
    mkdirSync(paths.toolchain, { recursive: true });
    removeDrafts(target);
    const own = await ownTool(tool);
    if (own) {
      rmSync(target, { force: true });
      symlinkSync(own, target);
      done = "the installed one is used";
    } else {
      await build(tool, target, progress).catch((error: unknown) => {
        const { stderr, signal } = error as Partial<ExecaError>;
        throw new Error(buildFailure(tool, String(stderr ?? error), signal === "SIGKILL"));
      });
      done = "built";
    }
  }
  for (const command of tool.commands ?? [tool.name]) link(target, command);
  return done;
}

/** Path of a command of the toolchain, as `ensureTool` links it. */
export function toolPath(command: string): string {
  return join(paths.bin, command);
}
