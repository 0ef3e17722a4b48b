import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bundlePlugin, PLUGINS, type PluginName, pluginVersion, sourceHash, writePlugin } from "./bundle.ts";

/** Beside the executable: what it was made of. */
const HASH_FILE = "slipway-hash";

/** Where the plugins came from, so that the caller can say so. */
export interface InstalledPlugins {
  /** `official`: the binaries of `SANDBOX_PLUGIN_DIR`. `stand-in`: the ones made here. */
  kind: "stand-in" | "official";
  plugins: {
    name: PluginName;
    version: string;
    /** Folder of the plugin under PULUMI_HOME. */
    folder: string;
    /** False when it was there already. */
    changed: boolean;
  }[];
}

/**
 * Puts the provider plugins that the program needs into a PULUMI_HOME, where the engine finds them: the official
 * binaries in the folder that `SANDBOX_PLUGIN_DIR` names, else the stand-ins. What is current is left alone.
 *
 * @param pulumiHome made when it does not exist.
 * @throws when `SANDBOX_PLUGIN_DIR` lacks a binary.
 */
export async function installPlugins(pulumiHome: string): Promise<InstalledPlugins> {
  const official = process.env.SANDBOX_PLUGIN_DIR;
  const plugins = await Promise.all(
    PLUGINS.map(async (name) => {
      const version = pluginVersion(name);
      const folder = join(pulumiHome, "plugins", `resource-${name}-v${version}`);
      const { hash, write } = official ? officialPlugin(official, name) : standIn(name);
      const changed = !isCurrent(folder, name, hash);
      if (changed) await replaceFolder(folder, hash, write);
      return { name, version, folder, changed };
    }),
  );
  return { kind: official ? "official" : "stand-in", plugins };
}

interface Source {
  hash: string;
  write(folder: string): Promise<void>;
}

function standIn(name: PluginName): Source {
  return { hash: sourceHash(), write: async (folder) => writePlugin(folder, name, await bundlePlugin(name)) };
}

function officialPlugin(directory: string, name: PluginName): Source {
  const file = `pulumi-resource-${name}`;
  const binary = join(directory, file);
  if (!existsSync(binary)) {
    throw new Error(
      `SANDBOX_PLUGIN_DIR is "${directory}", which holds no ${file} (it must hold: ` +
        `${PLUGINS.map((plugin) => `pulumi-resource-${plugin}`).join(", ")}); add it, or unset SANDBOX_PLUGIN_DIR`,
    );
  }
  const write = async (folder: string): Promise<void> => {
    copyFileSync(binary, join(folder, file));
    chmodSync(join(folder, file), 0o755);
  };
  const { mtimeMs, size } = statSync(binary);
  return { hash: `official:${binary}:${size}:${mtimeMs}`, write };
}

function isCurrent(folder: string, name: PluginName, hash: string): boolean {
  const file = join(folder, HASH_FILE);
  return existsSync(join(folder, `pulumi-resource-${name}`)) && existsSync(file) && readFileSync(file, "utf8") === hash;
}

/** Swaps the folder in one step: an engine that starts meanwhile finds the old plugin or the new, never half of one. */
async function replaceFolder(folder: string, hash: string, write: Source["write"]): Promise<void> {
  const fresh = `${folder}.new-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  await write(fresh);
  writeFileSync(join(fresh, HASH_FILE), hash);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}
