import { beforeEach, describe, expect, it } from "vitest";
import { updateMessage } from "../../../delivery/engine/history.ts";
import { readReleases, setReleases } from "../../../delivery/stack-file.ts";
import type { Clone } from "../repositories.ts";
import { DIGEST, runCommand, useShop } from "../shop.ts";

const shop = useShop();
const FILE = "stacks/Pulumi.dev.yaml";
const QUIET = ["--stack", "dev", "--no-notify", "--no-tag", "--no-artifacts"];

interface Past {
  release: string;
  tags?: Record<string, string>;
  action?: string;
  result?: string;
  at?: string;
}

/** What the engine's history says, oldest first. */
function ran(...past: (Past | string)[]): void {
  const entries = past.map((entry, index) => {
    const {
      release,
      tags = {},
      action = "deploy",
      result = "succeeded",
      at,
    } = typeof entry === "string" ? { release: entry } : entry;
    const services = Object.fromEntries(Object.entries(tags).map(([name, tag]) => [name, { tag }]));
    const time = at ?? `2023-01-01T12:0${index}:00Z`;
    return {
      kind: "update",
      startTime: time,
      ...(result !== "in-progress" && { endTime: time }),
      message: updateMessage({ action, releases: release, actor: "ada" }),
      environment: {},
      config: { "slipway:release": { value: release }, "slipway:environment": { objectValue: { services } } },
      result,
    };
  });
  shop.pulumi.answer("stack history", { stdout: JSON.stringify(entries.reverse()) });
  for (const { release, tags = {} } of past.map((entry) => (typeof entry === "string" ? { release: entry } : entry)))
    for (const name of ["api", "web"])
      for (const tag of [release, ...Object.values(tags)]) shop.images[`shop:${name}-${tag}`] = DIGEST;
}

const withRelease = (text: string, release: string, tags = {}) => setReleases(text, "dev", { release, tags });

/** Somebody else, such as CI, records a release on the branch. */
async function recordedOnMain(release: string): Promise<void> {
  const other = await shop.remote.clone();
  await other.commit(`Deploy ${release} to dev [skip ci]`, { [FILE]: withRelease(other.read(FILE), release) });
  await other.push();
}

const recordHere = (release: string, clone: Clone = shop.clone) =>
  clone.commit(`Release ${release} to dev`, { [FILE]: withRelease(clone.read(FILE), release) });

const here = () => readReleases(shop.stackFile);
const onMain = async () => readReleases(await shop.remote.git("show", `main:${FILE}`));
const command = (name: string, ...args: string[]) => shop.run(name, ...QUIET, ...args);
const deployed = () => shop.pulumi.calls.filter((call) => call.startsWith("up ")).length;

describe("a checkout that is behind the branch", { timeout: 60_000 }, () => {
  const behind = async () => {
    ran("v1.0.0", "v2.0.0", "v3.0.0");
    await recordedOnMain("v3.0.0");
  };

  it("rolls back from what runs, not from what its file says", async () => {
    await behind();
    const { exitCode, stderr } = await command("rollback");
    expect(exitCode, stderr).toBe(0);
    expect(here().release).toBe("v2.0.0");
    expect(stderr).toContain("stacks/Pulumi.dev.yaml here: v1.0.0");
    expect(stderr).toContain("running: v3.0.0 (deploy by ada");
    expect(stderr).toContain("This checkout is behind origin/main");
  });

  it.each([
    ["restart"],
    ["restart", "--service", "api"],
    ["deploy"],
    ["deploy", "--release", "v3.1.0", "--service", "api"],
  ])("does not take back what runs: %s %s %s %s %s", async (...args) => {
    await behind();
    for (const dryRun of [["--dry-run"], []]) {
      const { exitCode, stderr } = await command(...(args as [string]), ...dryRun);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("this checkout is behind origin/main");
      for (const source of ["here: v1.0.0", "running: v3.0.0 (deploy by ada", "origin/main: v3.0.0"])
        expect(stderr).toContain(source);
      expect(stderr).toMatch(/git pull origin main$/m);
    }
    expect([deployed(), here().release, (await onMain()).release]).toEqual([0, "v1.0.0", "v3.0.0"]);
  });

  it("deploys a newer release to all services, with a warning for a person", async () => {
    await behind();
    const { exitCode, stderr } = await command("deploy", "--release", "v4.0.0", "--push");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("Its config, charts and program are deployed as they are here");
    expect((await onMain()).release).toBe("v4.0.0");
  });
});

describe("a branch that does not have the records", () => {
  it("does not keep a rollback from leaving what runs", async () => {
    ran("v1.0.0", "v2.0.0", "v3.0.0");
    shop.remote.hook("pre-receive", "echo 'error: GH006: Protected branch update failed'; exit 1");
    const { exitCode, stderr } = await command("rollback", "--push");
    expect(exitCode, stderr).toBe(0);
    expect(here().release).toBe("v2.0.0");
    expect(stderr).toMatch(/could not be pushed \(.*GH006.*npm run slipway -- release v2\.0\.0 --stack dev --push$/m);
  });

  it("gives a restart, and the other services of a deploy, what runs", async () => {
    ran("v1.0.0", "v3.0.0");
    expect((await command("restart", "--push")).exitCode).toBe(0);
    expect([here().release, (await onMain()).release]).toEqual(["v3.0.0", "v3.0.0"]);
    await shop.clone.git("reset", "--quiet", "--hard", "HEAD~1");
    await shop.clone.git("push", "--quiet", "--force", "origin", "HEAD:main");
    const { exitCode, stderr } = await command("deploy", "--release", "v3.1.0", "--service", "api", "--push");
    expect(exitCode, stderr).toBe(0);
    expect(here()).toEqual({ release: "v3.0.0", tags: { api: "v3.1.0" } });
    expect(await onMain()).toEqual({ release: "v3.0.0", tags: { api: "v3.1.0" } });
    expect(stderr).toContain("web v3.0.0 → v1.0.0");
  });

  it("does not let a deploy of the file take back what runs", async () => {
    ran("v1.0.0", "v3.0.0");
    const { exitCode, stderr } = await command("deploy");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("npm run slipway -- deploy --stack dev --release v3.0.0");
    expect(stderr).toContain("npm run slipway -- rollback --stack dev --to v1.0.0");
    expect(deployed()).toBe(0);
  });
});

describe("a record that waits for its pull request", () => {
  beforeEach(async () => {
    ran("v1.0.0", "v2.0.0");
    const other = await shop.remote.clone();
    const message = "Deploy v2.0.0 to dev\n\nSlipway-Stack: dev\nSlipway-Action: deploy\nSlipway-By: ada\n";
    await other.commit(message, { [FILE]: withRelease(other.read(FILE), "v2.0.0") });
    await other.git("push", "--quiet", "origin", "HEAD:refs/heads/slipway/record-dev");
  });

  it.each(["deploy", "restart"])("keeps a %s from starting with the file, which does not have it", async (name) => {
    const { exitCode, stderr } = await command(name);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("waits on origin/slipway/record-dev");
    expect(deployed()).toBe(0);
  });

  it("of an update that was killed is what a rollback leaves", async () => {
    ran({ release: "v0.9.0", at: "2023-01-01T12:00:00Z" }, { release: "v1.0.0", at: "2023-01-01T12:01:00Z" });
    const { exitCode, stderr } = await command("rollback", "--dry-run");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("recorded, and its update never ended: v2.0.0");
    // The cluster knows that the killed update had not reached it.
    expect(stderr).toContain("Rolling back: api still runs v1.0.0");
  });
});

describe("an older release", () => {
  it.each([
    ["by its number", "v2.0.0", "v1.5.0"],
    ["because it ran before", "blue", "green"],
  ])("is not deployed over a newer one by CI without --allow-downgrade: %s", async (_, newer, older) => {
    ran(older, newer);
    await recordHere(newer);
    await shop.clone.push();
    const environment = { ...shop.environment, CI: "true" };
    const ci = (...args: string[]) => runCommand(["deploy", ...QUIET, ...args], shop.clone.root, environment);
    const refused = await ci("--release", older);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain(`${older} is older than what runs`);
    expect(refused.stderr).toContain(`rollback --stack dev --to ${older}`);
    expect([deployed(), here().release]).toEqual([0, newer]);
    const allowed = await ci("--release", older, "--allow-downgrade");
    expect(allowed.exitCode, allowed.stderr).toBe(0);
    expect(here().release).toBe(older);
  });

  it("is deployed with a warning for a person who names it and whose checkout is up to date", async () => {
    ran("v1.5.0", "v2.0.0");
    await recordHere("v2.0.0");
    await shop.clone.push();
    const { exitCode, stderr } = await command("deploy", "--release", "v1.5.0");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("⚠ v1.5.0 is older than what runs. Services are taken back: api v2.0.0 → v1.5.0");
    expect(here().release).toBe("v1.5.0");
  });

  it("is refused for a person whose checkout is behind the branch", async () => {
    ran("v1.5.0", "v2.0.0");
    await recordedOnMain("v2.0.0");
    const { exitCode, stderr } = await command("deploy", "--release", "v1.5.0");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("v1.5.0 is older than what runs");
  });

  it("is found by the commits in the names, whatever the numbers", async () => {
    const old = `v2.0.0-${(await shop.clone.head()).slice(0, 7)}`;
    const newer = `v1.9.0-${(await shop.clone.commit("feat: newer")).slice(0, 7)}`;
    await shop.clone.push();
    ran("v1.0.0", newer);
    await shop.clone.git("checkout", "--quiet", "HEAD~1");
    const environment = { ...shop.environment, CI: "true", GITHUB_ACTIONS: "true", GITHUB_REF: "refs/heads/main" };
    const result = await runCommand(["deploy", ...QUIET, "--release", old], shop.clone.root, environment);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain(`api ${newer} → ${old}, web ${newer} → ${old}`);
    expect(deployed()).toBe(0);
  });

  it("may follow a newer one that failed", async () => {
    ran("v1.0.0", { release: "v3.0.0", result: "failed" });
    expect((await command("deploy", "--release", "v2.0.0")).exitCode).toBe(0);
  });
});

describe("an update that did not end well", () => {
  it("keeps a restart from changing releases", async () => {
    ran("v1.0.0", { release: "v2.0.0", result: "failed" });
    await recordHere("v2.0.0");
    const { exitCode, stderr } = await command("restart");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("a restart could change releases (api v1.0.0 → v2.0.0");
    expect(stderr).toContain("npm run slipway -- deploy --stack dev\n");
    expect(stderr).toContain("npm run slipway -- rollback --stack dev\n");
    expect(deployed()).toBe(0);
  });

  it("and was killed is left by a rollback to what ran before it, though no history has it", async () => {
    ran("v1.0.0", "v2.0.0");
    await recordHere("v2.0.0");
    const message = "Deploy v3.0.0 to dev [skip ci]\n\nSlipway-Stack: dev\nSlipway-Action: deploy\nSlipway-By: ada\n";
    await shop.clone.commit(message, { [FILE]: withRelease(shop.stackFile, "v3.0.0") });
    const restart = await command("restart");
    expect(restart.stderr).toContain("its update never ended: v3.0.0");
    const { exitCode, stderr } = await command("rollback");
    expect(exitCode, stderr).toBe(0);
    expect(here().release).toBe("v2.0.0");
  });
});

describe("a release that was recorded and not deployed", () => {
  it("is not deployed by a restart", async () => {
    await recordHere("v2.0.0");
    const { exitCode, stderr } = await command("restart");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("releases that do not run yet (api v1.0.0 → v2.0.0");
    expect(deployed()).toBe(0);
  });

  it("does not count for a rollback, which starts from what runs", async () => {
    await recordHere("v2.0.0");
    const { exitCode, stderr } = await command("rollback");
    expect(exitCode, stderr).toBe(0);
    expect(here().release).toBe("v0.9.0");
  });
});

describe("a remote that cannot be reached", () => {
  it.each(["rollback", "restart", "deploy"])("is a warning for %s", async (name) => {
    const { exitCode, stderr } = await shop.remote.whileAway(() => command(name));
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("origin cannot be reached (");
  });
});

describe("a rollback", () => {
  it("never goes to the release that runs", async () => {
    ran("v1.0.0", "v2.0.0");
    const { exitCode, stderr } = await command("rollback", "--to", "v2.0.0");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("dev is at v2.0.0 already");
  });

  it("says of each service what is true of it", async () => {
    ran("v1.0.0", { release: "v2.0.0", result: "failed" });
    await recordHere("v2.0.0");
    shop.running = { api: { release: "v1.0.0", digest: DIGEST }, web: { release: "v2.0.0", digest: DIGEST } };
    const { stderr } = await command("rollback", "--dry-run");
    expect(stderr).toContain("Rolling back: api still runs v1.0.0, web v2.0.0 → v1.0.0\n");
  });
});
