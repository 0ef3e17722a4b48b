import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { runCommand, useShop } from "../shop.ts";

const shop = useShop();

beforeEach(() => {
  shop.pulumi.answer("whoami", { stdout: JSON.stringify({ user: "ada", url: `file://${shop.clone.root}/state` }) });
  shop.pulumi.answer("version", { stdout: "v3.276.0\n" });
});

const doctor = async (...args: string[]) => {
  const { exitCode, stdout } = await shop.run("doctor", "--json", ...args);
  const { findings } = JSON.parse(stdout) as {
    findings: { name: string; result: string; text: string; fix?: string }[];
  };
  return { exitCode, of: (name: string) => findings.find((finding) => finding.name === name) };
};

describe("doctor", () => {
  it("finds nothing missing on a machine that has everything", async () => {
    const { exitCode, of } = await doctor("--stack", "dev");
    expect(exitCode).toBe(0);
    for (const name of [
      "node",
      "git",
      "repository",
      "remote",
      "pulumi",
      "login",
      "config",
      "state",
      "lock",
      "registry",
      "cluster",
    ])
      expect([name, of(name)?.result]).toEqual([name, "ok"]);
    expect(of("login")?.text).toContain("as ada");
  });

  it("names what is missing, with what fixes it, and fails", async () => {
    shop.pulumi.answer("whoami", { stderr: "error: no credentials\n", exitCode: 255 });
    const { exitCode, stdout } = await shop.run("doctor", "--stack", "dev");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✖ login .*no credentials\n +→ pulumi login /);
  });

  it.each<[string, () => void]>([
    ["pulumi", () => shop.pulumi.answer("version", { stdout: "v3.100.0\n" })],
    [
      "state",
      () => shop.pulumi.answer("stack output", { stderr: "error: no stack named 'dev' found\n", exitCode: 255 }),
    ],
    ["cluster", () => shop.clone.write(".slipway/kubeconfig", "contexts: []\n")],
    ["config", () => shop.clone.write("stacks/Pulumi.dev.yaml", "config: {}\n")],
    ["passphrase", () => shop.clone.write("stacks/Pulumi.dev.yaml", `encryptionsalt: v1:abc\n${shop.stackFile}`)],
    [
      "lock",
      () =>
        shop.clone.write(
          "state/.pulumi/locks/organization/slipway/dev/1.json",
          '{"pid":7,"username":"ada","hostname":"desk","timestamp":"2026-01-31T12:00:00Z"}',
        ),
    ],
  ])("finds a fault of %s", async (name, breakIt) => {
    breakIt();
    const { exitCode, of } = await doctor("--stack", "dev");
    expect([exitCode, of(name)]).toEqual([
      1,
      { name, result: "missing", text: expect.any(String), fix: expect.any(String) },
    ]);
  });

  it("says what is missing on a machine with nothing, and does not ask an engine that is not there", async () => {
    const { exitCode, stdout } = await runCommand(["doctor", "--json"], shop.clone.root, { PATH: temporaryFolder() });
    const missing = JSON.parse(stdout).findings.filter(({ result }: { result: string }) => result === "missing");
    expect(exitCode).toBe(1);
    expect(missing.map(({ name }: { name: string }) => name)).toEqual(["git", "repository", "pulumi"]);
  });

  it("does not fail for what only some commands need", async () => {
    await shop.clone.git("remote", "remove", "origin");
    const { exitCode, of } = await doctor();
    expect([exitCode, of("remote")?.result, of("cluster")]).toEqual([0, "optional", undefined]);
  });
});
