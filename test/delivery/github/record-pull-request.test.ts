import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { schemaFaults } from "../../e2e/published-schemas.ts";
import { useShop } from "../shop.ts";

const shop = useShop();
const BRANCH = "slipway/record-dev";

/** Refuses a push to main, as a ruleset does for everybody but its bypass actors. */
const PROTECTED =
  'while read -r _ _ ref; do [ "$ref" != refs/heads/main ] || [ -n "$A_BYPASS_ACTOR" ] || { echo "GH013: Repository rule violations found" >&2; exit 1; }; done';

beforeEach(async () => {
  shop.github.proposals.length = 0;
  shop.remote.hook("pre-receive", PROTECTED);
});
afterEach(() => expect(shop.github.unexpected).toEqual([]));

const deploy = (release = "v1.1.0", environment: NodeJS.ProcessEnv = {}) =>
  shop.runWith(environment, "deploy", "--stack", "dev", "--release", release, "--push");
const recordOn = async (branch: string) => shop.remote.git("show", `${branch}:stacks/Pulumi.dev.yaml`);

describe("on a protected main", () => {
  it("a record by a bypass actor, such as a GitHub App, is pushed", async () => {
    const { exitCode, stderr } = await deploy("v1.1.0", { A_BYPASS_ACTOR: "records[bot]" });
    expect([exitCode, await recordOn("main")], stderr).toEqual([0, expect.stringContaining("slipway:release: v1.1.0")]);
  });

  it("a record without that is refused, and the deploy stands with a warning", async () => {
    const { exitCode, stderr } = await deploy();
    expect([exitCode, await recordOn("main")], stderr).toEqual([0, expect.stringContaining("slipway:release: v1.0.0")]);
    expect(stderr).toMatch(/⚠ The record .* could not be pushed .*records: pull-request/);
  });
});

describe("records: pull-request", () => {
  beforeEach(async () => {
    const text = shop.clone.read("stacks/services.yaml");
    await shop.clone.commit("chore: records by pull request", {
      "stacks/services.yaml": `${text}records: pull-request\n`,
    });
    shop.remote.hook("pre-receive", "exit 0");
    await shop.clone.push();
    shop.remote.hook("pre-receive", PROTECTED);
  });

  it("opens a pull request with the record, and renames it for the next one", async () => {
    expect((await deploy()).stderr).toContain("Record: https://github.com/example/shop/pull/1");
    expect(await recordOn("main")).toContain("slipway:release: v1.0.0");
    expect(await recordOn(BRANCH)).toContain("slipway:release: v1.1.0");
    expect(shop.github.proposals).toMatchObject([
      {
        title: "Deploy v1.1.0 to dev",
        head: BRANCH,
        base: "main",
        body: expect.stringMatching(/^Slipway-Stack: dev\n/),
      },
    ]);
    expect((await deploy("v1.2.0")).exitCode).toBe(0);
    expect(shop.github.proposals.map(({ title }) => title)).toEqual(["Deploy v1.2.0 to dev"]);
    expect(await schemaFaults(shop.github.sent)).toEqual([]);
  });

  it("takes the record back if the engine refused the update", async () => {
    shop.pulumi.answer("up", { stderr: "error: the stack is currently locked by 1 lock(s)\n", exitCode: 255 });
    expect((await deploy()).exitCode).not.toBe(0);
    expect(await shop.remote.git("for-each-ref", "--format=%(refname:short)", "refs/heads")).toBe("main");
  });

  it("keeps the record on its branch if GitHub cannot be asked, with a warning", async () => {
    const { exitCode, stderr } = await deploy("v1.1.0", { GITHUB_TOKEN: undefined });
    expect([exitCode, await recordOn(BRANCH)]).toEqual([0, expect.stringContaining("slipway:release: v1.1.0")]);
    expect(stderr).toContain(`Open a pull request from origin/${BRANCH} into main yourself.`);
  });

  it("is used by release, too", async () => {
    const { exitCode, stderr } = await shop.run("release", "v1.1.0", "--stack", "dev", "--push");
    expect([exitCode, await recordOn(BRANCH)], stderr).toEqual([0, expect.stringContaining("slipway:release: v1.1.0")]);
  });
});
