import { existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs";
import { execa } from "execa";
import { recordedDaemons } from "./daemon.ts";
import { listeners } from "./listeners.ts";
import { cache, network, paths, ports, state } from "./paths.ts";
import { markedProcesses } from "./processes.ts";

/** What the machine lacks, all of it at once. */
export class MachineUnfitError extends Error {
  override name = "MachineUnfitError";

  constructor(readonly faults: readonly string[]) {
    super(
      [
        "This machine cannot carry the sandbox:",
        ...faults.map((fault) => `  - ${fault}`),
        "To use a cluster that you have instead (kind, minikube, k3d, any other), set its context in the stack's config:",
        "    slipway:environment:",
        "      cluster: { target: existing, context: kind-kind }",
        'and run "pulumi up --stack local". The program is the same; the sandbox is then not needed.',
      ].join("\n"),
    );
  }
}

const NODE_NEEDED = [20, 11] as const;
const GO_NEEDED = [1, 26] as const;
const GiB = 1024 ** 3;
/** Tools, images and two nodes' copies of them; and what a day's releases take once those are there. */
const DISK_NEEDED_GIB = { first: 6, later: 2 };

/** Whether a dotted version is at least `needed`. */
export function atLeast(version: string, needed: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

function systemFaults(): string[] {
  if (process.platform !== "linux")
    return [
      `it runs ${process.platform}; needed is Linux (in a virtual machine, say), for containers are a part of its kernel`,
    ];
  const faults: string[] = [];
  if (process.getuid?.() !== 0)
    faults.push(
      `this user is not root (uid ${process.getuid?.()}); nodes need to mount, to make network interfaces and cgroups. Run the command with sudo, or as root`,
    );
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
const loopbackPorts: readonly number[] = [
  ports.registry,
  ports.charts,
  ports.api,
  ports.ingress,
  ports.etcd,
  ports.etcdPeer,
];
const bridgePorts: readonly number[] = [53, ports.api, 8181, 10248, 10249, 10250, 10256, 10257, 10259];

function portFaults(): string[] {
  const recorded = recordedDaemons().filter(({ alive }) => alive);
  // One that was started but not written down is ended when its successor starts.
  const ours = new Set([...recorded, ...markedProcesses()].map(({ pid }) => pid));
  const taken = listeners().filter(({ address, port, pid }) => {
    if (pid !== undefined && ours.has(pid)) return false;
    if (address === "*") return loopbackPorts.includes(port) || bridgePorts.includes(port);
    return address === "127.0.0.1" && loopbackPorts.includes(port);
  });
  return taken.map(({ address, port, pid, command }) => {
    const who = pid === undefined ? "a process that cannot be named" : `${command} (process ${pid})`;
    return `port ${port} on ${address === "*" ? "all addresses" : address} is in use by ${who}; end it, or move it to another port`;
  });
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
 * Checks that this machine can carry the sandbox. Changes nothing but to make the cache and state folders.
 * @throws MachineUnfitError listing every fault, what to do about it, and how to do without the sandbox.
 */
export async function checkMachine(): Promise<void> {
  const system = systemFaults();
  const onLinux = process.platform === "linux";
  const faults = [
    ...system,
    ...(await runtimeFaults()),
    ...(onLinux ? [...diskFaults(), ...portFaults(), ...(await networkFaults())] : []),
  ];
  if (faults.length > 0) throw new MachineUnfitError(faults);
}
