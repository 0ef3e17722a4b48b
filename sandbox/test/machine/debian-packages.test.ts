import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { startPolicyScript } from "../../machine/debian-packages.ts";

async function answer(env: Record<string, string>): Promise<number | undefined> {
  const args = ["-s", "--", "docker.service", "start"];
  const { exitCode } = await execa("sh", args, { input: startPolicyScript, env, reject: false });
  return exitCode;
}

describe("the start policy", () => {
  it("keeps the services of the sandbox's own install from starting", async () => {
    expect(await answer({ SLIPWAY_INSTALLS: "1" })).toBe(101);
  });

  it("does not affect other installs if a kill left it behind", async () => {
    expect(await answer({ SLIPWAY_INSTALLS: "" })).toBe(0);
    expect(await answer({})).toBe(0);
  });
});
