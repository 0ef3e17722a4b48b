import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { paths } from "../paths.ts";
import { bootId } from "../processes/process-identity.ts";

/** Kernel settings that pods' networking and two kubelets need, as /proc/sys paths. */
const needed: Record<string, string> = {
  "net/ipv4/ip_forward": "1",
  // kube-proxy serves NodePorts on 127.0.0.1, which the kernel does not route by default.
  "net/ipv4/conf/all/route_localnet": "1",
  // Without this, calls through a Service between pods of one bridge bypass iptables.
  "net/bridge/bridge-nf-call-iptables": "1",
  // Every kubelet, containerd and pod watches files; Debian's 128 is used up by a few dozen pods.
  "fs/inotify/max_user_instances": "8192",
};

/** Set by the kubelet. Listed here so that they are restored. */
const setByKubelet = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

interface Snapshot {
  bootId: string;
  values: Record<string, string>;
}

const snapshotFile = join(paths.run, "kernel-settings.json");
const fileOf = (setting: string): string => join("/proc/sys", setting);
const read = (setting: string): string => readFileSync(fileOf(setting), "utf8").trim();

function snapshot(): Snapshot | undefined {
  try {
    const found = JSON.parse(readFileSync(snapshotFile, "utf8")) as Snapshot;
    // After a restart of the machine the kernel has its own values again.
    return found.bootId === bootId() ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Sets what the cluster needs and records the previous values. */
export async function ensureKernelSettings(): Promise<void> {
  if (!existsSync(fileOf("net/bridge/bridge-nf-call-iptables"))) await execa("modprobe", ["br_netfilter"]);
  if (!snapshot()) {
    const settings = [...Object.keys(needed), ...setByKubelet].filter((setting) => existsSync(fileOf(setting)));
    const values = Object.fromEntries(settings.map((setting) => [setting, read(setting)]));
    mkdirSync(dirname(snapshotFile), { recursive: true });
    writeFileSync(snapshotFile, JSON.stringify({ bootId: bootId(), values } satisfies Snapshot));
  }
  for (const [setting, value] of Object.entries(needed)) {
    const enough = setting.startsWith("fs/") ? Number(read(setting)) >= Number(value) : read(setting) === value;
    if (!enough) writeFileSync(fileOf(setting), value);
  }
}

/** Restores the values from before the sandbox. */
export function restoreKernelSettings(): void {
  for (const [setting, value] of Object.entries(snapshot()?.values ?? {})) {
    if (read(setting) !== value) writeFileSync(fileOf(setting), value);
  }
  rmSync(snapshotFile, { force: true });
}
