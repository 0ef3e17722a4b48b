import { existsSync, rmSync, writeFileSync } from "node:fs";
import { execa } from "execa";

/** Debian packages that the platform runs on. */
export const requiredPackages = [
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
] as const;

/** Services that these packages bring and would start at the machine's next boot; the sandbox runs its own instead. */
const services: Record<string, string[]> = {
  containerd: ["containerd.service"],
  "docker.io": ["docker.service", "docker.socket"],
  "docker-registry": ["docker-registry.service"],
};

/** Asked by Debian's package scripts before they start a service; 101 means "do not". */
const startPolicy = "/usr/sbin/policy-rc.d";

export async function missingPackages(): Promise<string[]> {
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

async function aptGet(args: string[], progress: (line: string) => void): Promise<void> {
  const running = execa("apt-get", args, { all: true, env: { DEBIAN_FRONTEND: "noninteractive" } });
  for await (const line of running.iterable({ from: "all" })) progress(line);
  await running;
}

/** Runs `action` while no package may start a service. A policy that the machine has already is left as it is. */
async function withoutServices(action: () => Promise<void>): Promise<void> {
  if (existsSync(startPolicy)) return action();
  writeFileSync(startPolicy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await action();
  } finally {
    rmSync(startPolicy, { force: true });
  }
}

/**
 * Installs what is missing. Services of packages installed here are neither started nor enabled; those that the
 * machine had before are not touched.
 * @returns the packages that were installed.
 * @throws Error with apt's last lines and the command to run by hand.
 */
export async function ensurePackages(progress: (line: string) => void = () => {}): Promise<string[]> {
  const missing = await missingPackages();
  if (missing.length === 0) return [];
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  const said: string[] = [];
  const note = (line: string): void => {
    said.push(line);
    progress(line);
  };
  try {
    await withoutServices(async () => {
      // The lists may be fresh enough; they are fetched only when they are not.
      await aptGet(install, note).catch(async () => {
        await aptGet(["update"], note);
        await aptGet(install, note);
      });
    });
  } catch {
    throw new Error(
      `Debian packages could not be installed: ${missing.join(", ")}.\n${said.slice(-6).join("\n")}\nRun "apt-get update && apt-get ${install.join(" ")}" to see more, then run this command again.`,
    );
  }
  const units = missing.flatMap((name) => services[name] ?? []);
  if (units.length > 0 && existsSync("/run/systemd/system"))
    await execa("systemctl", ["disable", ...units], { reject: false });
  return missing;
}
