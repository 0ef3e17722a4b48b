import { existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs";
import { execa } from "execa";
import { cache, network, paths, ports, state } from "../paths.ts";
import { recordedDaemons } from "../processes/daemon.ts";
import { markedProcesses } from "../processes/marked-processes.ts";
import { isBuilt } from "../toolchain.ts";
import { toolsNeededBy } from "../tools.ts";
import { listeners } from "./listeners.ts";
import { describeMemory, type Memory, memory } from "./memory.ts";

/** The machine cannot run the sandbox. Lists every reason. */
export class MachineUnfitError extends Error {
  override name = "MachineUnfitError";

  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      [
        "This machine cannot run the sandbox:",
        ...faults.map((fault) => `  - ${fault}`),
        "You can use a cluster that you already have instead (kind, minikube, k3d or any other). Create a stack for it,",
        "stacks/Pulumi.dev.yaml, with its context and a registry that it can pull from:",
        "    config:",
        "      slipway:release: v0.1.0",
        "      slipway:environment:",
        "        cluster: { target: existing, context: kind-kind }",
        "        images: { repository: registry.example.com/shop }",
        'Then run "npm ci", "pulumi stack init dev" and "pulumi up --stack dev". The program does not need the sandbox.',
        'See "Your own cluster" in README.md.',
      ].join("\n"),
    );
    this.faults = faults;
  }
}

/** The highest that a go.mod of sandbox/toolchain asks for. */
const GO_NEEDED = [1, 26, 6];
const GiB = 1024 ** 3;
/** `first`: tools, images and two nodes' copies of them. `later`: the releases of a day. */
const DISK_NEEDED_GIB = { first: 6, later: 2 };
/** `building`: the linker's memory while tools are built. `running`: the platform's. */
const MEMORY_NEEDED_GIB = { building: { total: 4, available: 3 }, running: { total: 2, available: 1.5 } };
/** A machine of 4 GiB reports a tenth less. */
const UNREPORTED = 0.1;

/** Whether a dotted version is at least `needed`. Missing parts count as 0. */
export function atLeast(version: string, needed: readonly number[]): boolean {
  const given = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const different = needed.findIndex((part, index) => part !== (given[index] ?? 0));
  return different === -1 || (given[different] ?? 0) > (needed[different] ?? 0);
}

/** Pure part of {@link checkPlatform}. */
export function platformFaults(platform: string, uid: number | undefined): string[] {
  if (platform !== "linux")
    return [
      `it runs ${platform}; the sandbox needs Linux, for example in a virtual machine, because containers are part of its kernel`,
    ];
  if (uid !== 0)
    return [
      `this user is not root (uid ${uid}); nodes need mounts, network interfaces and cgroups. Run the command as root or with sudo`,
    ];
  return [];
}

function systemFaults(): string[] {
  const faults: string[] = [];
  const mounts = readFileSync("/proc/mounts", "utf8");
  if (!/ cgroup2? /.test(mounts))
    faults.push(
      "no cgroup file system is mounted on /sys/fs/cgroup; inside a container, start it with --privileged and its own cgroup namespace",
    );
  else if (
    !existsSync("/sys/fs/cgroup/cgroup.controllers") &&
    !/^\S+ \/sys\/fs\/cgroup\/\S*memory\S* cgroup /m.test(mounts)
  ) {
    faults.push("the memory cgroup is off; boot the kernel with cgroup_enable=memory");
  }
  if (!/\boverlay\b/.test(readFileSync("/proc/filesystems", "utf8")) && !existsSync("/lib/modules"))
    faults.push("the kernel has no overlay file system, which the containers' files need");
  if (!existsSync("/usr/bin/apt-get"))
    faults.push("it has no apt-get; the sandbox needs Debian 12 or a derivative, whose packages the nodes are made of");
  return faults;
}

async function goFaults(): Promise<string[]> {
  const faults: string[] = [];
  const go = await execa("go", ["env", "GOVERSION"], { reject: false });
  if (go.exitCode !== 0)
    faults.push(
      `Go is not on PATH; the sandbox needs ${GO_NEEDED.join(".")} or later to build tools that no package registry has. See https://go.dev/doc/install`,
    );
  else if (!atLeast(go.stdout.replace(/^go/, ""), GO_NEEDED))
    faults.push(`Go is ${go.stdout.replace(/^go/, "")}; the sandbox needs ${GO_NEEDED.join(".")} or later`);
  return faults;
}

/** Whether all tools are built. Without Go that cannot be found out. */
async function allBuilt(): Promise<boolean> {
  const built = await Promise.all(toolsNeededBy("platform").map(isBuilt)).catch(() => [false]);
  return built.every((there) => there);
}

/** Pure: either enough memory in total or enough that is free is sufficient. */
export function memoryFaults(given: Memory, work: keyof typeof MEMORY_NEEDED_GIB): string[] {
  const needed = MEMORY_NEEDED_GIB[work];
  if (given.total >= needed.total * (1 - UNREPORTED) || given.available >= needed.available) return [];
  const purpose = work === "building" ? "to build the tools, once" : "to run two nodes";
  return [
    `its memory is ${describeMemory(given)}; the sandbox needs ${needed.total} GiB, or ${needed.available} GiB free, ${purpose}. Add memory`,
  ];
}

function diskFaults(): string[] {
  const needed =
    existsSync(paths.registry) && existsSync(paths.toolchain) ? DISK_NEEDED_GIB.later : DISK_NEEDED_GIB.first;
  const folders = [
    { what: "cache", folder: cache, variable: "XDG_CACHE_HOME" },
    { what: "state", folder: state, variable: "XDG_STATE_HOME" },
  ];
  return folders.flatMap(({ what, folder, variable }) => {
    mkdirSync(folder, { recursive: true });
    const { bavail, bsize } = statfsSync(folder);
    const free = (bavail * bsize) / GiB;
    if (free >= needed) return [];
    return [
      `the ${what} folder, ${folder}, has ${free.toFixed(1)} GiB free; the sandbox needs ${needed}. Free some, or set ${variable} to a folder on a larger disk`,
    ];
  });
}

/** Ports on loopback and on the sandbox's own addresses. A listener on all addresses takes both. */
const loopbackPorts: readonly number[] = [ports.registry, ports.api, ports.ingress, ports.etcd, ports.etcdPeer];
const bridgePorts: readonly number[] = [53, ports.api, 8181, 10248, 10249, 10250, 10256, 10257, 10259];

/**
 * Finds needed ports that other programs listen on, and names the programs.
 * @param onLoopback needed on 127.0.0.1.
 * @param elsewhere needed on the sandbox's own addresses, where only a listener on all addresses is in the way.
 */
export function portFaults(onLoopback: readonly number[], elsewhere: readonly number[] = []): string[] {
  const recorded = recordedDaemons().filter(({ alive }) => alive);
  // One that runs without a record is ended when its successor starts.
  const ours = new Set([...recorded, ...markedProcesses()].map(({ pid }) => pid));
  const taken = listeners().filter(({ address, port, pid }) => {
    if (pid !== undefined && ours.has(pid)) return false;
    if (address === "*") return onLoopback.includes(port) || elsewhere.includes(port);
    return address === "127.0.0.1" && onLoopback.includes(port);
  });
  return taken.map(({ address, port, pid, command }) => {
    const who = pid === undefined ? "an unknown process" : `${command} (process ${pid})`;
    return `port ${port} on ${address === "*" ? "all addresses" : address} is in use by ${who}; end it, or move it to another port`;
  });
}

async function resourceFaults(): Promise<string[]> {
  const work = (await allBuilt()) ? "running" : "building";
  return [
    ...memoryFaults(memory(), work),
    ...diskFaults(),
    ...portFaults(loopbackPorts, bridgePorts),
    ...(await networkFaults()),
  ];
}

async function networkFaults(): Promise<string[]> {
  const { stdout, exitCode } = await execa("ip", ["-json", "route", "show", "table", "all"], { reject: false });
  // iproute2 is installed after this check. A machine without it has no routes that could overlap.
  if (exitCode !== 0) return [];
  const routes = JSON.parse(stdout) as { dst?: string; dev?: string }[];
  const prefixes = [network.range, network.services].map((range) => `${range.split(".").slice(0, 2).join(".")}.`);
  const clashing = routes.find(
    ({ dst, dev }) => dev !== network.bridge && prefixes.some((prefix) => dst?.startsWith(prefix)),
  );
  return clashing
    ? [
        `the network ${clashing.dst} on ${clashing.dev} overlaps the sandbox's (${network.range} and ${network.services}); remove that network first`,
      ]
    : [];
}

/**
 * Checks what every command that changes the sandbox needs, and its lock too: Linux and root.
 * @throws MachineUnfitError as {@link checkMachine} does.
 */
export function checkPlatform(): void {
  const faults = platformFaults(process.platform, process.getuid?.());
  if (faults.length > 0) throw new MachineUnfitError(faults);
}

/**
 * Checks that this machine can run the sandbox. Changes nothing, except that it creates the cache and state folders.
 * @throws MachineUnfitError with every fault, how to fix it, and the alternative to the sandbox.
 */
export async function checkMachine(): Promise<void> {
  const onLinux = process.platform === "linux";
  const faults = [
    ...platformFaults(process.platform, process.getuid?.()),
    ...(onLinux ? systemFaults() : []),
    ...(await goFaults()),
    ...(onLinux ? await resourceFaults() : []),
  ];
  if (faults.length > 0) throw new MachineUnfitError(faults);
}
