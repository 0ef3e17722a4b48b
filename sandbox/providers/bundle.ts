import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const require = createRequire(import.meta.url);
const HERE = dirname(fileURLToPath(import.meta.url));

/** The plugins that the program needs, by the name of their SDK. */
export const PLUGINS = ["kubernetes", "docker", "aws"] as const;
export type PluginName = (typeof PLUGINS)[number];

/** A plugin that this folder holds a stand-in for. */
export type StandInName = Exclude<PluginName, "kubernetes">;

/** Version of the SDK that the program uses: the engine asks for a plugin of exactly this version. */
export function pluginVersion(name: PluginName): string {
  const file = join(packageFolder(`@pulumi/${name}`), "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}

/** Digest of everything that a bundle is made of: it changes with these sources and with any dependency. */
export function sourceHash(): string {
  const hash = createHash("sha256").update(readFileSync(join(HERE, "..", "..", "package-lock.json")));
  for (const path of readdirSync(HERE, { recursive: true, encoding: "utf8" }).sort()) {
    if (path.endsWith(".ts")) hash.update(path).update(readFileSync(join(HERE, path)));
  }
  return hash.digest("hex");
}

/** Bundles a stand-in into one CommonJS file: loading its many files would take a second at each start. */
export async function bundleStandIn(name: StandInName): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [join(HERE, `${name}.ts`)],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    minify: true,
    write: false,
    logLevel: "silent",
    // Read as ES modules, the AWS clients are bundled with only the calls that are made.
    ...(name === "aws" ? { mainFields: ["module", "main"] } : {}),
    define: { "process.env.SLIPWAY_PLUGIN_VERSION": JSON.stringify(pluginVersion(name)) },
    // Optional native add-ons.
    external: ["*.node", "cpu-features"],
    plugins: [withoutUnusedSchemas],
    banner: { js: "#!/usr/bin/env node" },
  });
  const code = result.outputFiles[0]?.contents;
  if (!code) throw new Error(`esbuild wrote no output for ${name}.ts`);
  return code;
}

/** Writes a bundle as the executable that the engine starts. */
export function writeStandIn(folder: string, name: StandInName, code: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `pulumi-resource-${name}`), code, { mode: 0o755 });
  // dockerode reads these at run time from the folder of its own code.
  if (name === "docker")
    cpSync(join(packageFolder("dockerode"), "lib", "proto"), join(folder, "proto"), { recursive: true });
}

function packageFolder(name: string): string {
  return (require.resolve.paths(name) ?? []).map((root) => join(root, name)).find((path) => exists(path)) ?? name;
}

function exists(folder: string): boolean {
  try {
    return readFileSync(join(folder, "package.json")).length > 0;
  } catch {
    return false;
  }
}

/**
 * An AWS client describes all its messages in one file of arrays. A bundler keeps them, as it cannot see that creating
 * them has no side effect. Marked as pure, those of unused calls are left out: most of EC2's half megabyte.
 */
const withoutUnusedSchemas: Plugin = {
  name: "without-unused-schemas",
  setup(context) {
    context.onLoad({ filter: /client-[a-z0-9-]+\/dist-es\/schemas\/schemas_\d+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /^((?:export )?var \w+\$? = )(\[[\s\S]*?\]);$/gm,
        "$1/* @__PURE__ */ (() => $2)();",
      ),
    }));
  },
};
