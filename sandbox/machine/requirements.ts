import { existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs";
import { execa } from "execa";
import { cache, network, paths, ports, state } from "../paths.ts";
import { recordedDaemons } from "../processes/daemon.ts";
import { markedProcesses } from "../processes/marked-processes.ts";
import { isBuilt } from "../toolchain.ts";
import { toolsNeededBy } from "../tools.ts";
import { listeners } from "./listeners.ts";
import { describeMemory, type Memory, memory } from "./memory.ts";

/** What the machine lacks, all of it at once. */
export class MachineUnfitError extends Error {
  override name = "MachineUnfitError";

  constructor(readonly faults: readonly string[]) {
    super(
      [
        "This machine cannot carry the sandbox:",
        ...faults.map((fault) => `  - ${fault}`),
        "To use a cluster that you have instead (kind, minikube, k3d, any other), make a stack of your own for it,",
        "stacks/Pulumi.dev.yaml, with its context and with a registry that it can pull from:",
        "    config:",
        "      slipway:release: v0.1.0",
        "      slipway:environment:",
        "        cluster: { target: existing, context: kind-kind }",
        "        images: { repository: registry.example.com/shop }",
        'and run "npm ci", "pulumi stack init dev" and "pulumi up --stack dev". The program is the same; it needs no sandbox.',
        'See "Your own cluster" in README.md.',
      ].join("\n"),
    );
  }
}

const NODE_NEEDED = [20, 18] as const;
const GO_NEEDED = [1, 26] as const;
const GiB = 1024 ** 3;
/** Tools, images and two nodes' copies of them; and what a day's releases take once those are there. */
const DISK_NEEDED_GIB = { first: 6, later: 2 };
/** The linker's share while tools are built, or the platform's own; a machine of 4 GiB reports a tenth less. */
const MEMORY_NEEDED_GIB = { building: { total: 4, available: 3 }, running: { total: 2, available: 1.5 } };
const UNREPORTED = 0.1;

/** Whether a dotted version is at least `needed`. */
export function atLeast(version: string, needed: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** Pure part of {@link checkPlatform}. */
export function platformFaults(platform: string, uid: number | undefined): string[] {
  if (platform !== "linux")
    return [
      `it runs ${platform}; needed is Linux (in a virtual machine, say), for containers are a part of its kernel`,
    ];
  if (uid !== 0)
    return [
      `this user is not root (uid ${uid}); nodes need to mount, to make network interfaces and cgroups. Run the command with sudo, or as root`,
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
    faults.push("the kernel lacks the overlay file system, which holds the containers' files");
  if (!existsSync("/usr/bin/apt-get"))
    faults.push("it has no apt-get; needed is Debian 12 or a relative of it, whose packages the nodes are made of");
  return faults;
}

async function runtimeFaults(): Promise<string[]> {
  const faults: string[] = [];
  if (!atLeast(process.versions.node, NODE_NEEDED))
    faults.push(`Node is ${process.versions.node}; needed is ${NODE_NEEDED.join(".")} or later`);
  const go = await execa("go", ["env", "GOVERSION"], { reject: false });
  if (go.exitCode !== 0)
    faults.push(
      `Go is not on PATH; needed is ${GO_NEEDED.join(".")} or later, to build the tools that no package registry carries. See https://go.dev/doc/install`,
    );
  else if (!atLeast(go.stdout.replace(/^go/, ""), GO_NEEDED))
    faults.push(`Go is ${go.stdout.replace(/^go/, "")}; needed is ${GO_NEEDED.join(".")} or later`);
  return faults;
}

/** Whether all tools are there; without Go there is no telling, and none can be built. */
async function allBuilt(): Promise<boolean> {
  const built = await Promise.all(toolsNeededBy("platform").map(isBuilt)).catch(() => [false]);
  return built.every((there) => there);
}

/** Pure: enough memory in all will do, and so will enough that is free. */
export function memoryFaults(given: Memory, work: keyof typeof MEMORY_NEEDED_GIB): string[] {
  const needed = MEMORY_NEEDED_GIB[work];
  if (given.total >= needed.total * (1 - UNREPORTED) || given.available >= needed.available) return [];
  const purpose = work === "building" ? "to build the tools, once" : "to run two nodes";
  return [
    `its memory is ${describeMemory(given)}; needed are ${needed.total} GiB, or ${needed.available} free, ${purpose}. Give the machine more`,
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
      `the ${what} folder, ${folder}, has ${free.toFixed(1)} GiB free; needed are ${needed}. Free some, or set ${variable} to a roomier place`,
    ];
  });
}

/** Ports on loopback, and those on the sandbox's own addresses, which a listener on all addresses takes too. */
const loopbackPorts: readonly number[] = [ports.registry, ports.api, ports.ingress, ports.etcd, ports.etcdPeer];
const bridgePorts: readonly number[] = [53, ports.api, 8181, 10248, 10249, 10250, 10256, 10257, 10259];

/**
 * Says of each port that a stranger listens on who that is.
 * @param onLoopback needed on 127.0.0.1.
 * @param elsewhere needed on addresses of our own: only a listener on all addresses is in the way.
 */
export function portFaults(onLoopback: readonly number[], elsewhere: readonly number[] = []): string[] {
  const recorded = recordedDaemons().filter(({ alive }) => alive);
  // One that was started but not written down is ended when its successor starts.
  const ours = new Set([...recorded, ...markedProcesses()].map(({ pid }) => pid));
  const taken = listeners().filter(({ address, port, pid }) => {
    if (pid !== undefined && ours.has(pid)) return false;
    if (address === "*") return onLoopback.includes(port) || elsewhere.includes(port);
    return address === "127.0.0.1" && onLoopback.includes(port);
  });
  return taken.map(({ address, port, pid, command }) => {
    const who = pid === undefined ? "a process that cannot be named" : `${command} (process ${pid})`;
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
  // iproute2 is among the packages that get installed after this check; the bridge is then made on a machine without routes of others.
  if (exitCode !== 0) return [];
  const routes = JSON.parse(stdout) as { dst?: string; dev?: string }[];
  const prefixes = [network.range, network.services].map((range) => `${range.split(".").slice(0, 2).join(".")}.`);
  const clashing = routes.find(
    ({ dst, dev }) => dev !== network.bridge && prefixes.some((prefix) => dst?.startsWith(prefix)),
  );
  return clashing
    ? [
        `the network ${clashing.dst} on ${clashing.dev} overlaps the sandbox's (${network.range} and ${network.services}); take that network away first`,
      ]
    : [];
}

/**
 * Checks what every command that changes the sandbox needs, its lock included: Linux, and root.
 * @throws MachineUnfitError as {@link checkMachine} does.
 */
export function checkPlatform(): void {
  const faults = platformFaults(process.platform, process.getuid?.());
  if (faults.length > 0) throw new MachineUnfitError(faults);
}

/**
 * Checks that this machine can carry the sandbox. Changes nothing but to make the cache and state folders.
 * @throws MachineUnfitError listing every fault, what to do about it, and how to do without the sandbox.
 */
export async function checkMachine(): Promise<void> {
  const onLinux = process.platform === "linux";
  const faults = [
    ...platformFaults(process.platform, process.getuid?.()),
    ...(onLinux ? systemFaults() : []),
    ...(await runtimeFaults()),
    ...(onLinux ? await resourceFaults() : []),
  ];
  if (faults.length > 0) throw new MachineUnfitError(faults);
}
