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
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
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

const moduleFolder = (tool: Tool): string => join(sources, tool.module ?? tool.name);

/** The Go workspace of the tools that share one selection of dependencies. */
const workspace = join(sources, "go.work");

/** The files that select the versions a tool is built of. In a workspace every member takes part in the selection. */
function versionFiles(tool: Tool): string[] {
  const own = ["go.mod", "go.sum"].map((file) => join(moduleFolder(tool), file));
  if (tool.dependencies === "own") return own;
  const members = [...readFileSync(workspace, "utf8").matchAll(/^\t\.\/(\S+)$/gm)].map(([, folder]) => folder ?? "");
  return [...own, workspace, ...members.map((folder) => join(sources, folder, "go.mod"))];
}

/** Our own sources of a tool, in a fixed order. */
function goFiles(tool: Tool): string[] {
  const files = readdirSync(moduleFolder(tool)).filter((file) => file.endsWith(".go"));
  return files.sort().map((file) => join(moduleFolder(tool), file));
}

/** Path of the built tool. Its name carries a hash of everything that the result of the build depends on. */
async function binaryPath(tool: Tool): Promise<string> {
  const hash = createHash("sha256")
    .update(await goVersion())
    .update(linkerFlags(tool))
    .update(tool.package);
  for (const file of [...versionFiles(tool), ...goFiles(tool)]) {
    if (existsSync(file)) hash.update(readFileSync(file));
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

/** The user's own tool, if its version fits. Only called before a build: starting a tool takes half a second. */
async function ownTool(tool: Tool): Promise<string | undefined> {
  const path = tool.versionArgs && findOnPath(tool.name);
  if (!path) return undefined;
  const { stdout, exitCode } = await execa(path, tool.versionArgs ?? [], { reject: false, timeout: 20_000 });
  return exitCode === 0 && fits(stdout, tool.version) ? path : undefined;
}

async function build(tool: Tool, target: string, progress: (line: string) => void): Promise<void> {
  const draft = `${target}.${process.pid}`;
  const env = {
    CGO_ENABLED: "0",
    GOTOOLCHAIN: "local",
    GOWORK: tool.dependencies === "own" ? "off" : workspace,
  };
  const overlay = await overlayFlags(tool, `${draft}.overlay.json`, env);
  const args = ["build", "-v", "-trimpath", ...overlay, "-ldflags", linkerFlags(tool), "-o", draft, tool.package];
  const running = execa("go", args, {
    cwd: moduleFolder(tool),
    env,
    stdout: "ignore",
    buffer: { stderr: true },
    // An interrupted build must not go on in the background and take both cores.
    cleanup: true,
  });
  let compiled = 0;
  for await (const line of running.iterable({ from: "stderr" })) {
    if (/^go: downloading /.test(line)) progress(line.slice("go: ".length));
    else if (/^[\w.-]+\/\S+$/.test(line)) progress(`${++compiled} packages compiled, at ${line}`);
  }
  await running;
  rmSync(`${draft}.overlay.json`, { force: true });
  renameSync(draft, target);
}

/**
 * `go:embed` only takes files of its own module. The overlay shows it files of a dependency as if they were beside main.go
 * (`go help build`), so that they need not be copied into the project.
 */
async function overlayFlags(tool: Tool, file: string, env: Record<string, string>): Promise<string[]> {
  if (!tool.embedded) return [];
  const cwd = moduleFolder(tool);
  const { stdout } = await execa("go", ["mod", "download", "-json", tool.embedded.module], { cwd, env });
  const { Dir: dependency } = JSON.parse(stdout) as { Dir: string };
  const replace = Object.entries(tool.embedded.files).map(([name, path]) => [join(cwd, name), join(dependency, path)]);
  writeFileSync(file, JSON.stringify({ Replace: Object.fromEntries(replace) }));
  return ["-overlay", file];
}

function link(path: string, place: string): void {
  try {
    if (readlinkSync(place) === path) return;
  } catch {
    // Not there yet.
  }
  mkdirSync(dirname(place), { recursive: true });
  // One that a killed run left.
  rmSync(`${place}.new`, { force: true });
  symlinkSync(path, `${place}.new`);
  renameSync(`${place}.new`, place);
}

/** Removes what killed builds left behind. */
function removeDrafts(target: string): void {
  for (const file of readdirSync(paths.toolchain)) {
    if (join(paths.toolchain, file).startsWith(`${target}.`)) rmSync(join(paths.toolchain, file), { force: true });
  }
}

/** Whether a tool is built. */
export async function isBuilt(name: ToolName): Promise<boolean> {
  return existsSync(await binaryPath(tools[name]));
}

/** The message for a build that failed. @param output everything that `go build` printed, names of packages included. */
export function buildFailure(tool: Pick<Tool, "name" | "version">, output: string, killed: boolean): string {
  const build = `Building ${tool.name} ${tool.version}`;
  // The kernel kills the compiler or the linker, whichever is the largest process, and Go only reports the signal.
  if (killed || /\bsignal: killed\b/.test(output))
    return `${build} was killed, most likely because memory ran out. It takes up to 4 GiB, and this machine has ${describeMemory(memory())}. Stop other programs, or add memory or swap. Then run the command again: it continues where it stopped.`;
  const lines = output
    .trim()
    .split("\n")
    .filter((line) => !/^[\w.-]+\/\S+$/.test(line));
  return `${build} failed:\n${lines.slice(-8).join("\n")}\nIt needs the Go module proxy (go env GOPROXY) and Go 1.26.6 or later. Fix that and run the command again: it continues where it stopped.`;
}

/**
 * Builds a tool unless it is built, and links its commands, onto PATH unless it is a plugin.
 * @param progress called often, with the current step of the build.
 * @returns what was done, in words.
 * @throws Error with the compiler's last lines, or with the memory that was missing, if the build fails.
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
  for (const command of tool.commands ?? [tool.name]) link(target, toolPath(command));
  return done;
}

/** Path of a command of the toolchain, as `ensureTool` links it. */
export function toolPath(command: string): string {
  const links = (Object.values(tools) as Tool[]).find(({ name }) => name === command)?.links ?? "bin";
  return join(paths[links], command);
}
