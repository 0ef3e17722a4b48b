import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { paths } from "../paths.ts";
import { aptGet } from "./apt.ts";

/** Debian packages that the platform needs. */
const requiredPackages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "docker.io",
  "docker-registry",
  "iptables",
  "conntrack",
  "iproute2",
  "kmod",
  "openssl",
  "ca-certificates",
  "debootstrap",
  "python3",
  "python3-venv",
] as const;

/** Services of these packages that would start at the machine's next boot. The sandbox runs its own instead. */
const services: Record<string, string[]> = {
  containerd: ["containerd.service"],
  "docker.io": ["docker.service", "docker.socket"],
  "docker-registry": ["docker-registry.service"],
};

/** Units to disable after their packages are installed. Written before, because a killed install leaves them enabled. */
const unitsFile = join(paths.state, "units-to-disable.json");

/** Debian's package scripts call it before they start a service; exit code 101 means "do not start it". */
const startPolicy = "/usr/sbin/policy-rc.d";
const startPolicyMark = "# Slipway's sandbox wrote this file while it installs packages, and removes it afterwards.";
const installing = { SLIPWAY_INSTALLS: "1" };

/** Affects only the sandbox's own install: if a kill leaves the file behind, it does no harm. */
export const startPolicyScript = `#!/bin/sh
${startPolicyMark}
[ -z "$SLIPWAY_INSTALLS" ] || exit 101
exit 0
`;

async function missingPackages(): Promise<string[]> {
  const { stdout } = await execa(
    "dpkg-query",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    ["--show", "--showformat", "${Package} ${db:Status-Status}\n", ...requiredPackages],
    { reject: false },
  );
  const installed = new Set(
    stdout.split("\n").flatMap((line) => (line.endsWith(" installed") ? line.split(" ")[0] : [])),
  );
  return requiredPackages.filter((name) => !installed.has(name));
}

/** Installs the start policy. One that the machine has already stays. */
function writeStartPolicy(): void {
  if (!existsSync(startPolicy) || isOurPolicy()) writeFileSync(startPolicy, startPolicyScript, { mode: 0o755 });
}

function isOurPolicy(): boolean {
  try {
    return readFileSync(startPolicy, "utf8").includes(startPolicyMark);
  } catch {
    return false;
  }
}

function unitsToDisable(): string[] {
  try {
    return JSON.parse(readFileSync(unitsFile, "utf8")) as string[];
  } catch {
    return [];
  }
}

function noteUnits(packages: readonly string[]): void {
  const units = new Set([...unitsToDisable(), ...packages.flatMap((name) => services[name] ?? [])]);
  writeFileSync(unitsFile, JSON.stringify([...units]));
}

function removeOurPolicy(): void {
  if (isOurPolicy()) rmSync(startPolicy, { force: true });
}

/** Undoes what an install leaves beside the packages, also an interrupted one: enabled units and the start policy. */
export async function cleanAfterInstall(): Promise<void> {
  removeOurPolicy();
  // One by one: systemctl stops at the first unit that does not exist.
  if (existsSync("/run/systemd/system"))
    for (const unit of unitsToDisable()) await execa("systemctl", ["disable", unit], { reject: false });
  rmSync(unitsFile, { force: true });
}

/**
 * Installs what is missing. Services of the new packages are neither started nor enabled; those that the machine had before
 * are not touched.
 * @returns the packages that were installed.
 * @throws Error with apt's last lines and the command to run by hand.
 */
export async function ensurePackages(progress: (line: string) => void = () => {}): Promise<string[]> {
  const missing = await missingPackages();
  if (missing.length > 0) {
    noteUnits(missing);
    writeStartPolicy();
    try {
      await install(missing, progress);
    } finally {
      removeOurPolicy();
    }
  }
  await cleanAfterInstall();
  return missing;
}

async function install(missing: readonly string[], progress: (line: string) => void): Promise<void> {
  const args = ["install", "--yes", "--no-install-recommends", ...missing];
  try {
    // apt refuses to work after an interrupted install. If another process holds the lock, this fails and apt waits.
    await execa("dpkg", ["--configure", "-a", "--force-confold"], {
      reject: false,
      stdin: "ignore",
      env: { DEBIAN_FRONTEND: "noninteractive", ...installing },
    });
    await aptGet(args, { progress, env: installing });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Debian packages could not be installed: ${missing.join(", ")}.\n${reason}\nRun "apt-get update && apt-get ${args.join(" ")}" to see more. Then run this command again.`,
    );
  }
}
