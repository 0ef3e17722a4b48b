import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { toolPath } from "../toolchain.ts";
import {
  bundleStandIn,
  PLUGINS,
  type PluginName,
  pluginVersion,
  type StandInName,
  sourceHash,
  writeStandIn,
} from "./bundle.ts";

/** Beside the executable: what it was made from. */
const SOURCE_FILE = "slipway-hash";

/** A provider plugin in PULUMI_HOME. */
export interface InstalledPlugin {
  name: PluginName;
  /** Version under which the engine finds it: that of the SDK. */
  version: string;
  /**
   * - `official`: a binary in the folder that `SANDBOX_PLUGIN_DIR` names
   * - `built`: the official plugin, built from its Go module
   * - `stand-in`: bundled from this folder
   */
  kind: "official" | "built" | "stand-in";
  /** Which build it is: path of an official binary, file name with a hash of a built one, hash of a stand-in. */
  build: string;
  /** Folder of the plugin under PULUMI_HOME. */
  folder: string;
  /** False when it was installed already. */
  changed: boolean;
}

/**
 * Installs the provider plugins that the program needs into a PULUMI_HOME, where the engine finds them. Each comes from
 * the folder that `SANDBOX_PLUGIN_DIR` names where that holds its official binary; else it is built (kubernetes) or a
 * stand-in (docker, aws). What is current stays as it is.
 *
 * @param pulumiHome created if needed.
 * @param builtKubernetes the kubernetes plugin of the toolchain.
 * @throws when `SANDBOX_PLUGIN_DIR` holds no plugin, a binary cannot be executed, or kubernetes is not built.
 */
export async function installPlugins(
  pulumiHome: string,
  builtKubernetes: string = toolPath(fileOf("kubernetes")),
): Promise<InstalledPlugin[]> {
  const official = officialBinaries(process.env.SANDBOX_PLUGIN_DIR);
  return Promise.all(
    PLUGINS.map(async (name) => {
      const version = pluginVersion(name);
      const folder = join(pulumiHome, "plugins", `resource-${name}-v${version}`);
      const { kind, build, hash, write } = sourceOf(name, official, builtKubernetes);
      const changed = !isCurrent(folder, name, hash);
      if (changed) await replaceFolder(folder, hash, write);
      return { name, version, kind, build, folder, changed };
    }),
  );
}

/** One line for the user: `kubernetes 4.25.0 (built), docker 5.2.0 (stand-in)`. */
export function describePlugins(plugins: readonly InstalledPlugin[]): string {
  return plugins.map(({ name, version, kind }) => `${name} ${version} (${kind})`).join(", ");
}

interface Source extends Pick<InstalledPlugin, "kind" | "build"> {
  /** Changes with the content. */
  hash: string;
  write(folder: string): Promise<void> | void;
}

function sourceOf(name: PluginName, official: ReadonlyMap<PluginName, string>, builtKubernetes: string): Source {
  const binary = official.get(name);
  if (binary) return { ...linkTo(binary, name), kind: "official", build: binary };
  if (name !== "kubernetes") return standIn(name);
  if (!existsSync(builtKubernetes))
    throw new Error(`The kubernetes plugin is not built: ${builtKubernetes} does not exist. Run "npm start".`);
  const built = realpathSync(builtKubernetes);
  return { ...linkTo(built, name), kind: "built", build: basename(built) };
}

function standIn(name: StandInName): Source {
  const hash = sourceHash();
  const write = async (folder: string) => writeStandIn(folder, name, await bundleStandIn(name));
  return { kind: "stand-in", build: hash.slice(0, 16), hash, write };
}

/** A link rather than a copy: the binaries are 170 MB and more. */
function linkTo(binary: string, name: PluginName): Pick<Source, "hash" | "write"> {
  try {
    accessSync(binary, constants.X_OK);
  } catch {
    throw new Error(`${binary} cannot be executed: run "chmod +x ${binary}"`);
  }
  const { mtimeMs, size } = statSync(binary);
  const write = (folder: string) => symlinkSync(binary, join(folder, fileOf(name)));
  return { hash: `${binary}:${size}:${mtimeMs}`, write };
}

function officialBinaries(directory: string | undefined): Map<PluginName, string> {
  if (!directory) return new Map();
  const binaries = PLUGINS.map((name) => [name, join(directory, fileOf(name))] as const);
  const found = new Map(binaries.filter(([, binary]) => existsSync(binary)));
  if (found.size > 0) return found;
  const expected = PLUGINS.map(fileOf).join(", ");
  throw new Error(
    existsSync(directory)
      ? `SANDBOX_PLUGIN_DIR is "${directory}", which holds none of ${expected}; add at least one, or unset it`
      : `SANDBOX_PLUGIN_DIR is "${directory}", which does not exist; name a folder that holds ${expected} or some of them, or unset it`,
  );
}

function fileOf(name: PluginName): string {
  return `pulumi-resource-${name}`;
}

function isCurrent(folder: string, name: PluginName, hash: string): boolean {
  const file = join(folder, SOURCE_FILE);
  return existsSync(join(folder, fileOf(name))) && existsSync(file) && readFileSync(file, "utf8") === hash;
}

/** Swaps the folder in one step: an engine that starts meanwhile finds the old plugin or the new one, never a part. */
async function replaceFolder(folder: string, hash: string, write: Source["write"]): Promise<void> {
  const fresh = `${folder}.new-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  await write(fresh);
  writeFileSync(join(fresh, SOURCE_FILE), hash);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}
