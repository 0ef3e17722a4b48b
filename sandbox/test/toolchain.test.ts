import { describe, expect, it } from "vitest";
import { buildFailure } from "../toolchain.ts";

const tool = { name: "traefik", version: "3.6.0" };

describe("buildFailure", () => {
  it("shows the compiler's last lines, without the names of packages", () => {
    const message = buildFailure(tool, "k8s.io/api/core/v1\n# k8s.io/api\n./x.go:1:2: undefined: y\n", false);
    expect(message).toContain("Building traefik 3.6.0 failed:\n# k8s.io/api\n./x.go:1:2: undefined: y\nIt needs");
  });

  it.each([
    ["the compiler", "k8s.io/api/core/v1: /usr/local/go/pkg/tool/linux_amd64/compile: signal: killed\n", false],
    ["the linker", "# command-line-arguments\n/usr/local/go/pkg/tool/linux_amd64/link: signal: killed\n", false],
    ["go itself", "", true],
  ])("tells of memory when %s was killed", (_, said, killed) => {
    expect(buildFailure(tool, said, killed)).toMatch(
      /^Building traefik 3\.6\.0 was killed, .*memory.* has \d+\.\d GiB, \d+\.\d of it free/,
    );
  });
});
