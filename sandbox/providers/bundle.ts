import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const require = createRequire(import.meta.url);
const HERE = dirname(fileURLToPath(import.meta.url));

/** The plugins there are stand-ins for. */
export const PLUGINS = ["kubernetes", "docker", "aws"] as const;
export type PluginName = (typeof PLUGINS)[number];

/** Version of the SDK that the program uses: the engine asks for a plugin of just this version. */
export function pluginVersion(name: PluginName): string {
  const file = join(packageFolder(`@pulumi/${name}`), "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}

/** Digest of all that a bundle is made of: it changes with these sources, and with any dependency. */
export function sourceHash(): string {
  const hash = createHash("sha256").update(readFileSync(join(HERE, "..", "..", "package-lock.json")));
  for (const path of readdirSync(HERE, { recursive: true, encoding: "utf8" }).sort()) {
    if (path.endsWith(".ts")) hash.update(path).update(readFileSync(join(HERE, path)));
  }
  return hash.digest("hex");
}

/** Bundles a stand-in into one CommonJS file: read from many files it would take a second to start. */
export async function bundlePlugin(name: PluginName): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [join(HERE, `${name}.ts`)],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    minify: true,
    write: false,
    logLevel: "silent",
    // The AWS clients as modules: of their thousands of calls only those that are made are bundled.
    ...(name === "aws" ? { mainFields: ["module", "main"] } : {}),
    define: { "process.env.SLIPWAY_PLUGIN_VERSION": JSON.stringify(pluginVersion(name)) },
    // Native add-ons that their packages do without.
    external: ["*.node", "cpu-features"],
    plugins: [withoutKubernetesModels, withoutUnusedSchemas],
    banner: { js: "#!/usr/bin/env node" },
  });
  const code = result.outputFiles[0]?.contents;
  if (!code) throw new Error(`esbuild made nothing of ${name}.ts`);
  return code;
}

/** Writes bundled code as the executable that the engine starts. */
export function writePlugin(folder: string, name: PluginName, code: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `pulumi-resource-${name}`), code, { mode: 0o755 });
  // dockerode reads these at run time, from beside its own code.
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
 * Only the kubeconfig part of the Kubernetes client is used. It asks the generated client for two names; answered from
 * the files that define them, the thousand generated models need not even be read.
 */
const withoutKubernetesModels: Plugin = {
  name: "without-kubernetes-models",
  setup(context) {
    const namespace = "generated-client";
    context.onResolve({ filter: /\/gen\/index\.js$/ }, ({ importer, resolveDir }) =>
      importer.includes("@kubernetes/client-node") ? { path: join(resolveDir, "gen"), namespace } : undefined,
    );
    context.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: 'export * from "./configuration.js"; export * from "./servers.js";',
      resolveDir: path,
    }));
  },
};

/**
 * The AWS clients describe every message in one file, by arrays that a bundler must keep, for it cannot see that making
 * them does nothing else. Told so, it leaves out those of the calls that are not made: most of EC2's half megabyte.
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
