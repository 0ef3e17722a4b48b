import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { paths } from "../paths.ts";

/** Parts of the Go distribution that builds do not need. */
const superfluous = ["api", "doc", "misc", "test", "lib/wasm"];

/**
 * This machine's Go without those parts, as a tar file with its version in the name; kept in the cache.
 * @returns its path.
 */
export async function golangArchive(progress: (line: string) => void): Promise<string> {
  const { stdout } = await execa("go", ["env", "GOROOT", "GOVERSION"]);
  const [root = "", version = ""] = stdout.split("\n");
  const target = join(paths.cache, `${version}.tar`);
  if (!existsSync(target)) {
    progress(`packing ${version}`);
    const options = [
      ...[
        "--create",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--sort=name",
        "--anchored",
        "--transform=s,^\\./,go/,",
      ],
      ...superfluous.map((path) => `--exclude=./${path}`),
      // Test data is a tenth of it.
      ...["--no-anchored", "--exclude=testdata", "--exclude=*_test.go"],
    ];
    rmSync(`${target}.new`, { force: true });
    await execa("tar", [...options, `--file=${target}.new`, "--directory", root, "."]);
    renameSync(`${target}.new`, target);
  }
  return target;
}
