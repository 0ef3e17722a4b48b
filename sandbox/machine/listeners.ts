import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A listening TCP socket. */
export interface Listener {
  /** Dotted, or "*" for all addresses. */
  address: string;
  port: number;
  /** Unknown if the process belongs to another user. */
  pid?: number;
  command?: string;
}

const LISTEN = "0A";

/** Pure: the listening IPv4 and IPv6 sockets of a /proc/net/tcp or tcp6 table, with their inodes. */
export function parseTable(table: string): { address: string; port: number; inode: string }[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , socketState, , , , , , inode = ""] = line.trim().split(/\s+/);
      const [hex = "", port = ""] = local.split(":");
      if (socketState !== LISTEN) return [];
      return [{ address: decodeAddress(hex), port: Number.parseInt(port, 16), inode }];
    });
}

/** The kernel writes addresses in the machine's byte order. IPv6 addresses without an IPv4 address become "::…". */
function decodeAddress(hex: string): string {
  if (/^0+$/.test(hex)) return "*";
  const mapped = /^0{16}FFFF0000(.{8})$/.exec(hex)?.[1];
  const quad = mapped ?? hex;
  if (quad.length !== 8) return hex === "00000000000000000000000001000000" ? "::1" : `::${hex}`;
  return [6, 4, 2, 0].map((at) => Number.parseInt(quad.slice(at, at + 2), 16)).join(".");
}

function socketOwners(): Map<string, number> {
  const owners = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode) owners.set(inode, Number(pid));
      }
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return owners;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "?";
  }
}

/** All listening TCP sockets of this machine, read from /proc so that no tool has to be installed first. */
export function listeners(): Listener[] {
  const owners = socketOwners();
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
    try {
      return parseTable(readFileSync(file, "utf8"));
    } catch {
      return [];
    }
  });
  return tables.map(({ address, port, inode }) => {
    const pid = owners.get(inode);
    return pid === undefined ? { address, port } : { address, port, pid, command: commandOf(pid) };
  });
}
