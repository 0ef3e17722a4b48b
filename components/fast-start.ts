/**
 * Makes every start of the program and of the commands faster. Preloaded with `--import`, because Node has loaded all modules before
 * it runs the first of them. Whatever fails here only costs time: the packages are then loaded as they are.
 */
import { readFileSync, realpathSync, renameSync, statSync } from "node:fs";
import { createRequire, enableCompileCache, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** 800 files, one for each kind of Kubernetes: half of the time of a start. As one file they load in a third of it. */
const PACKAGE = "@kubernetes/client-node";

try {
  const packages = realpathSync(join(import.meta.dirname, "../node_modules"));
  const cache = join(packages, ".cache/slipway");
  enableCompileCache(join(cache, "compile"));
  loadAsOneFile(PACKAGE, packages, cache);
} catch {
  // Packages that are not there or cannot be written to, or an installation without esbuild.
}

function loadAsOneFile(name: string, packages: string, cache: string): void {
  const { version, main } = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));
  const entry = realpathSync(join(packages, name, main));
  const file = join(cache, `${name.replace("/", "-")}-${version}.mjs`);
  if (!statSync(file, { throwIfNoEntry: false })) bundle(entry, file);
  const { href: original } = pathToFileURL(entry);
  const { href: url } = pathToFileURL(file);
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === name) return { url, format: "module", shortCircuit: true };
      // What the package needs is found from where it was, so that there is one copy of everything.
      return next(specifier, context.parentURL === url ? { ...context, parentURL: original } : context);
    },
  });
}

function bundle(entry: string, file: string): void {
  const { buildSync } = createRequire(import.meta.url)("esbuild");
  // Others may start at the same time.
  const draft = `${file}.${process.pid}`;
  buildSync({
    entryPoints: [entry],
    outfile: draft,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "silent",
  });
  renameSync(draft, file);
}
