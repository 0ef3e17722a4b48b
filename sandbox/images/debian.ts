import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { aptGet } from "../machine/apt.ts";
import { paths } from "../paths.ts";

const suite = "bookworm";
/** Not needed at run time, and removed in Debian's own slim images too. */
const superfluous = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/info",
  "var/lib/apt/lists",
  "var/cache/apt",
  "var/log",
];

/**
 * The mirror that this machine's apt uses for the release, which may be a company's own. Without one, debootstrap uses
 * Debian's.
 */
async function debianMirror(): Promise<string[]> {
  const { stdout } = await execa(
    "apt-get",
    ["indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"],
    { reject: false },
  );
  const line = stdout.split("\n").find((found) => found.endsWith(` ${suite}`));
  return line?.split(" ").slice(0, 1) ?? [];
}

/**
 * A minimal Debian as a tar file. It is built once and kept in the cache.
 * @returns its path.
 */
export async function debianRootfs(progress: (line: string) => void): Promise<string> {
  const target = join(paths.cache, `debian-${suite}-minbase-1.tar`);
  if (existsSync(target)) return target;
  mkdirSync(paths.cache, { recursive: true });
  const folder = mkdtempSync(join(paths.cache, "debootstrap-"));
  try {
    const running = execa(
      "debootstrap",
      ["--variant=minbase", "--include=ca-certificates", suite, folder, ...(await debianMirror())],
      { all: true },
    );
    for await (const line of running.iterable({ from: "all" })) progress(line.replace(/^I: /, ""));
    await running;
    for (const path of superfluous) rmSync(join(folder, path), { recursive: true, force: true });
    for (const path of ["var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log"])
      mkdirSync(join(folder, path), { recursive: true });
    const options = [
      "--create",
      "--numeric-owner",
      "--sort=name",
      "--one-file-system",
      "--exclude=./dev/*",
      "--exclude=./proc/*",
      "--exclude=./sys/*",
    ];
    await execa("tar", [...options, `--file=${target}.new`, "--directory", folder, "."]);
    renameSync(`${target}.new`, target);
    return target;
  } finally {
    // An interrupted debootstrap leaves proc mounted there, and nothing must be deleted through a mount.
    await execa("umount", ["--recursive", join(folder, "proc")], { reject: false });
    await execa("umount", ["--recursive", join(folder, "sys")], { reject: false });
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Debian packages with their dependencies that the minimal Debian does not have, as a tar file of .deb files; kept in the cache.
 * Downloaded here, so that the image's build needs no network.
 * @returns its path.
 * @throws Error with apt's last lines.
 */
export async function debianPackages(names: readonly string[], progress: (line: string) => void): Promise<string> {
  const target = join(paths.cache, `debian-${suite}-${names.join("+")}-1.tar`);
  if (existsSync(target)) return target;
  const rootfs = await debianRootfs(progress);
  const folder = mkdtempSync(join(paths.cache, "packages-"));
  try {
    const { stdout } = await execa("tar", ["--extract", "--to-stdout", `--file=${rootfs}`, "./var/lib/dpkg/status"]);
    writeFileSync(join(folder, "status"), stdout);
    const archives = join(folder, "archives");
    mkdirSync(join(archives, "partial"), { recursive: true });
    // apt reads what is installed from the minimal Debian, not from this machine.
    const options = [
      `Dir::State::status=${join(folder, "status")}`,
      `Dir::Cache::archives=${archives}`,
      "Debug::NoLocking=1",
    ];
    const install = ["install", "--download-only", "--yes", "--no-install-recommends", ...names];
    progress(`downloading ${names.join(", ")}`);
    await aptGet([...options.flatMap((option) => ["-o", option]), ...install]).catch((error: Error) => {
      throw new Error(`Debian packages could not be downloaded: ${names.join(", ")}.\n${error.message}`);
    });
    rmSync(join(archives, "partial"), { recursive: true });
    rmSync(join(archives, "lock"), { force: true });
    await execa("tar", [
      "--create",
      "--sort=name",
      "--owner=0",
      "--group=0",
      `--file=${target}.new`,
      "--directory",
      archives,
      ".",
    ]);
    renameSync(`${target}.new`, target);
    return target;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
