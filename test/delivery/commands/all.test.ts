import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../../../delivery/program.ts";
import * as cluster from "../../../delivery/rollouts.ts";
import { linesOf } from "../repositories.ts";
import { useShop } from "../shop.ts";

const shop = useShop();
afterEach(() => vi.restoreAllMocks());

/** The canary of api is under way, that of web was aborted. */
function useRollouts(): void {
  const rollout = (name: string, status: object) => ({
    metadata: { name, generation: 1 },
    spec: { template: {}, strategy: { canary: {} } },
    status: { observedGeneration: "1", ...status },
  });
  const live = [rollout("api", { phase: "Progressing" }), rollout("web", { phase: "Degraded", abort: true })];
  vi.spyOn(cluster, "connectRollouts").mockResolvedValue({
    list: async () => live,
    find: async (_: string, name: string) => live.find(({ metadata }) => metadata.name === name),
  } as never);
}

describe("--dry-run", () => {
  const commands: Record<string, string[]> = {
    version: ["--push"],
    release: ["v1.1.0", "--push"],
    deploy: ["--release", "v1.1.0", "--push", "--break-lock"],
    rollback: ["--push"],
    restart: ["--push"],
    status: [],
    history: [],
    preview: ["--release", "v1.1.0", "--comment", "--pull-request", "7"],
    artifacts: ["--bucket", "shop-artifacts"],
    tag: [],
    notify: [],
    drift: ["--notify"],
    promote: ["--from", "dev", "--to", "staging", "--service", "api"],
    unlock: [],
    run: ["api", "check"],
    stacks: [],
    diff: [],
    logs: ["api"],
    open: ["web"],
    doctor: [],
    completion: ["bash"],
    import: [join(import.meta.dirname, "../import/fixtures/plain"), "--no-digests", "--out", "imported"],
    rollouts: [],
    abort: ["api"],
    pause: ["api"],
    retry: ["web"],
  };
  const WITHOUT_STACK = ["version", "stacks", "promote", "completion", "import"];

  it("of every command changes nothing and prints one JSON object", { timeout: 60_000 }, async () => {
    const files = () =>
      readdirSync(shop.clone.root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !join(entry.parentPath, "/").includes("/.git/"))
        .map(({ parentPath, name }) => `${parentPath}/${name}: ${readFileSync(join(parentPath, name), "utf8")}`);
    const refs = async () => [await shop.clone.git("for-each-ref"), await shop.remote.git("for-each-ref")];
    const web = "    services:\n      web:\n        port: 8080\n        hosts: [shop.example.com]\n";
    await shop.clone.commit("feat: a host", {
      "stacks/Pulumi.dev.yaml": `${shop.stackFile}${web}`,
      "stacks/Pulumi.staging.yaml": shop.initialStack.replace("v1.0.0", "v0.9.0"),
    });
    shop.pulumi.answer("whoami", { stdout: JSON.stringify({ user: "ada", url: `file://${shop.clone.root}/state` }) });
    useRollouts();
    shop.pulumi.answer("version", { stdout: "v3.276.0\n" });
    const before = [files(), await refs()];
    expect(Object.keys(commands).sort()).toEqual(
      createProgram("")
        .commands.map((command) => command.name())
        .sort(),
    );
    for (const [name, options] of Object.entries(commands)) {
      const stack = WITHOUT_STACK.includes(name) ? [] : ["--stack", "dev"];
      const { exitCode, stdout, stderr } = await shop.run(name, ...options, ...stack, "--dry-run", "--json");
      expect([name, exitCode], stderr).toEqual([name, 0]);
      expect([name, linesOf(stdout).map(isObject)]).toEqual([name, [true]]);
    }
    expect([files(), await refs()]).toEqual(before);
    expect([shop.github.sent, shop.slack.sent]).toEqual([[], []]);
    expect(shop.requests.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
    const reading = /^(stack history|stack output|stack export|preview|refresh --preview-only|whoami|version)\b/;
    expect(shop.pulumi.calls.filter((call) => !reading.test(call))).toEqual([]);
  });

  it("prints what would be done", async () => {
    const { exitCode, stdout, stderr } = await shop.run("release", "v1.1.0", "--stack", "dev", "--push", "--dry-run");
    expect([exitCode, stdout]).toEqual([0, ""]);
    expect(stderr).toBe("Would record in stacks/Pulumi.dev.yaml: Release v1.1.0 to dev\n");
    expect(await shop.clone.git("status", "--porcelain", "--untracked-files=no")).toBe("");
  });
});

it.each([
  "release v1.1.0",
  "release",
  "deploy --release v1.1.0",
  "deploy",
  "rollback",
  "restart",
  "preview",
  "preview --release v1.1.0",
])("%s refuses a service that the stack does not run", async (command) => {
  const { exitCode, stderr } = await shop.run(
    ...command.split(" "),
    "--stack",
    "dev",
    "--dry-run",
    "--service",
    "apii",
  );
  expect([exitCode, stderr]).toEqual([1, "--service apii: dev does not run it. It runs api, web. Did you mean api?\n"]);
});

it("drift exits with 0 without drift, with 2 for drift, and with 1 if the comparison failed", async () => {
  const drift = (...args: string[]) => shop.run("drift", "--stack", "dev", "--notify", ...args);
  expect(await drift()).toMatchObject({ exitCode: 0, stdout: "dev: no drift.\n" });
  shop.running.api = { release: "v1.0.0", digest: `sha256:${"b".repeat(64)}` };
  const drifted = await drift();
  expect(drifted.exitCode).toBe(2);
  expect(drifted.stdout).toContain("npm run slipway -- restart --stack dev --service api");
  expect(shop.slack.last).toContain("dev has drifted");
  shop.pulumi.answer("refresh", { stderr: "error: no credentials\n", exitCode: 255 });
  const { exitCode, stdout } = await drift("--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toEqual({ error: "drift: dev could not be checked. error: no credentials" });
});

it("preview prints one JSON object if it fails, too", async () => {
  shop.pulumi.answer("preview", { stderr: "error: services.api: no such key\n", exitCode: 255 });
  const { exitCode, stdout } = await shop.run("preview", "--stack", "dev", "--json");
  expect(exitCode).toBe(1);
  expect(linesOf(stdout).map(isObject)).toEqual([true]);
  expect(stdout).toContain("services.api: no such key");
});

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
