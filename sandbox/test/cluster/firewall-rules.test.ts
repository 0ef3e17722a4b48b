import { describe, expect, it } from "vitest";
import { removalScripts } from "../../cluster/bridge.ts";

const dump = `# Generated
*filter
:INPUT ACCEPT [0:0]
:KUBE-FORWARD - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -j DOCKER-USER
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A KUBE-FORWARD -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j MINE
COMMIT
`;

describe("removalScripts", () => {
  it("removes the chains and the jumps to them, and no others", () => {
    expect(removalScripts(dump)).toEqual([
      `*filter
:KUBE-FORWARD - [0:0]
-D FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-X KUBE-FORWARD
COMMIT
`,
    ]);
  });

  it("does nothing for a table without them", () => {
    expect(removalScripts("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")).toEqual([]);
  });
});
