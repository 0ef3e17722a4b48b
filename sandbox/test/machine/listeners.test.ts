import { describe, expect, it } from "vitest";
import { parseTable } from "../../machine/listeners.ts";

const row = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0`;
const table = (...rows: string[]): string => ["  sl  local_address rem_address   st …", ...rows, ""].join("\n");

describe("parseTable", () => {
  it("reads the address and port of a listening socket", () => {
    expect(parseTable(table(row("0100007F:1388", "0A")))).toEqual([
      { address: "127.0.0.1", port: 5000, inode: "4711" },
    ]);
  });

  it("ignores connections", () => {
    expect(parseTable(table(row("0100007F:1388", "01")))).toEqual([]);
  });

  it("shows all addresses as * in both address families", () => {
    const tables = [row("00000000:1388", "0A"), row("00000000000000000000000000000000:1388", "0A")];
    expect(parseTable(table(...tables)).map(({ address }) => address)).toEqual(["*", "*"]);
  });

  it("reads an IPv4 address in an IPv6 socket", () => {
    expect(parseTable(table(row("0000000000000000FFFF00000100007F:1388", "0A")))[0]?.address).toBe("127.0.0.1");
  });
});
