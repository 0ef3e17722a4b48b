import { execa } from "execa";
import { network, nodes, policyQueues, ports } from "../paths.ts";
import { podRange } from "./network-policy.ts";

/** All rules of the sandbox are in chains with this name, so that they can be found and removed together. */
const chain = "SLIPWAY";

interface Hook {
  table: "nat" | "filter" | "mangle";
  builtIn: string;
  rules: string[][];
}

const firstPackets = ["-m", "conntrack", "--ctstate", "NEW"];
const fromPods = ["-i", network.bridge, "-m", "iprange", "--src-range", podRange];
const toPods = ["-o", network.bridge, "-m", "iprange", "--dst-range", podRange];
const toPolicies = ["-j", "NFQUEUE", "--queue-num", String(policyQueues.gate)];

/** What the bridge needs beyond kube-proxy's own rules. */
const hooks: readonly Hook[] = [
  {
    table: "nat",
    builtIn: "OUTPUT",
    // The API server listens on the bridge's address only; this lets it answer on loopback too.
    rules: [
      [
        "-d",
        "127.0.0.1/32",
        "-p",
        "tcp",
        "--dport",
        String(ports.api),
        "-j",
        "DNAT",
        "--to-destination",
        `${network.api}:${ports.api}`,
      ],
    ],
  },
  {
    table: "nat",
    builtIn: "POSTROUTING",
    // One rule for all pods. CNI's ipMasq would create a chain for each.
    rules: [["-s", network.range, "!", "-o", network.bridge, "!", "-d", network.range, "-j", "MASQUERADE"]],
  },
  {
    table: "mangle",
    builtIn: "FORWARD",
    // Network policies. After Services' addresses are translated, and before the rules of the table filter, all of which still apply.
    // What the machine itself sends to pods, probes above all, is not forwarded: as on every node, it is always let through.
    rules: [
      [...fromPods, ...firstPackets, ...toPolicies],
      [...toPods, ...firstPackets, ...toPolicies],
    ],
  },
  {
    table: "mangle",
    builtIn: "INPUT",
    // The same for what pods send to the API, the DNS and the kubelets, which are on the machine.
    rules: [[...fromPods, ...firstPackets, ...toPolicies]],
  },
  {
    table: "filter",
    builtIn: "FORWARD",
    // Pods could not reach each other if Docker or a firewall on the machine drops forwarded packets.
    rules: [
      ["-i", network.bridge, "-j", "ACCEPT"],
      ["-o", network.bridge, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"],
      ["-o", network.bridge, "-s", network.range, "-j", "ACCEPT"],
    ],
  },
];

const chainOf = ({ builtIn }: Hook): string => `${chain}-${builtIn}`;
// -w: kube-proxy may hold the kernel's table lock.
const iptables = (table: string, ...args: string[]) =>
  execa("iptables", ["-w", "10", "-t", table, ...args], { reject: false });

async function installHook(hook: Hook): Promise<void> {
  const name = chainOf(hook);
  const present = await iptables(hook.table, "-C", hook.builtIn, "-j", name);
  if (present.exitCode === 0) return;
  await iptables(hook.table, "-N", name);
  await iptables(hook.table, "-F", name);
  for (const rule of hook.rules) {
    const added = await iptables(hook.table, "-A", name, ...rule);
    if (added.exitCode !== 0)
      throw new Error(`iptables -t ${hook.table} -A ${name} ${rule.join(" ")}: ${added.stderr}`);
  }
  await iptables(hook.table, "-I", hook.builtIn, "1", "-j", name);
}

async function bridgeAddresses(): Promise<Set<string>> {
  const { stdout, exitCode } = await execa("ip", ["-json", "address", "show", "dev", network.bridge], {
    reject: false,
  });
  if (exitCode !== 0) return new Set();
  const links = JSON.parse(stdout) as { addr_info: { local: string }[] }[];
  return new Set(links.flatMap((link) => link.addr_info.map(({ local }) => local)));
}

/** The bridge, the addresses of the API, the DNS and the nodes on it, and the rules it needs. */
export async function ensureBridge(): Promise<void> {
  const present = await bridgeAddresses();
  const exists = (await execa("ip", ["link", "show", "dev", network.bridge], { reject: false })).exitCode === 0;
  // A fixed hardware address: by default a bridge takes that of a pod, and changes it when the pod ends.
  if (!exists) await execa("ip", ["link", "add", network.bridge, "address", "02:53:4c:49:50:01", "type", "bridge"]);
  const wanted = [
    `${network.api}/${network.prefix}`,
    `${network.dns}/32`,
    ...nodes.map(({ address }) => `${address}/32`),
  ];
  for (const address of wanted) {
    if (!present.has(address.split("/")[0] ?? ""))
      await execa("ip", ["address", "add", address, "dev", network.bridge]);
  }
  await execa("ip", ["link", "set", network.bridge, "up"]);
  for (const hook of hooks) await installHook(hook);
}

export async function removeBridge(): Promise<void> {
  for (const hook of hooks) {
    const name = chainOf(hook);
    await iptables(hook.table, "-D", hook.builtIn, "-j", name);
    await iptables(hook.table, "-F", name);
    await iptables(hook.table, "-X", name);
  }
  await execa("ip", ["link", "delete", network.bridge], { reject: false });
}

/** Chains and rules of kube-proxy and kubelet, in both tables of both address families. */
export async function removeKubeRules(): Promise<void> {
  for (const family of ["iptables", "ip6tables"]) {
    const saved = await execa(`${family}-save`, { reject: false });
    if (saved.exitCode !== 0) continue;
    for (const script of removalScripts(saved.stdout)) {
      await execa(`${family}-restore`, ["-w", "10", "--noflush"], { input: script, reject: false });
    }
  }
}

/** Pure part of {@link removeKubeRules}: for each table of a dump, the script that removes its KUBE- chains. */
export function removalScripts(dump: string): string[] {
  return dump
    .split(/^\*/m)
    .slice(1)
    .flatMap((section) => {
      const lines = section.split("\n");
      const table = lines[0] ?? "";
      const chains = lines.flatMap((line) => /^:(KUBE-\S+)/.exec(line)?.[1] ?? []);
      if (chains.length === 0) return [];
      const jumps = lines.filter((line) => /^-A (?!KUBE-)\S+ .*-[jg] KUBE-/.test(line));
      return [
        [
          `*${table}`,
          ...chains.map((name) => `:${name} - [0:0]`),
          ...jumps.map((line) => line.replace("-A", "-D")),
          ...chains.map((name) => `-X ${name}`),
          "COMMIT\n",
        ].join("\n"),
      ];
    });
}
