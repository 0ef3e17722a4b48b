import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { useDeliveryShop } from "./delivery-shop.ts";
import { ask, kubectlJson } from "./workspace.ts";

const STACK = "e2e-checkouts";
const shop = useDeliveryShop(STACK);

/** Deploys in CI's checkout. */
async function deployInCi(release: string): Promise<void> {
  const { exitCode, output } = await shop.ci("deploy", "--stack", STACK, "--release", release);
  expect(exitCode, output).toBe(0);
}

/** A person's machine has no CI variables, but the same servers. */
async function inClone(folder: string, ...args: string[]) {
  const { CI, GITHUB_ACTIONS, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY, ...person } = await shop.jobEnvironment();
  return shop.repository.slipwayIn(folder, [...args, "--stack", STACK, "--no-notify", "--no-artifacts"], person);
}

async function releasesOf(): Promise<string[]> {
  const { items } = await kubectlJson<{ items: { spec: { template: { metadata: { labels: object } } } }[] }>(
    "get",
    "deployments",
    "-n",
    STACK,
  );
  return items.map(
    ({ spec }) => Object.entries(spec.template.metadata.labels).find(([key]) => key.endsWith("/version"))?.[1],
  );
}

it("a laptop that is two deploys behind CI takes no service back, and rolls back to the release before the one that runs", async () => {
  await deployInCi("v1.0.0");
  const laptop = await shop.repository.cloneElsewhere();
  await deployInCi("v2.0.0");
  await deployInCi("v3.0.0");

  for (const refused of [["restart"], ["deploy"], ["deploy", "--release", "v2.0.0"]]) {
    const { exitCode, output } = await inClone(laptop, ...refused);
    expect([refused, exitCode], output).toEqual([refused, 1]);
    expect(output).toContain("v3.0.0");
    expect(output).toMatch(/git pull|--allow-downgrade/);
  }
  expect(await releasesOf()).toEqual(["v3.0.0", "v3.0.0"]);

  const { exitCode, output } = await inClone(laptop, "rollback", "--push");
  expect(exitCode, output).toBe(0);
  expect(await releasesOf()).toEqual(["v2.0.0", "v2.0.0"]);
  expect(await shop.recordedRelease()).toBe("v2.0.0");
  await shop.repository.git("pull", "--quiet", "--rebase");
});

it("a deploy that a runner ends with SIGTERM is recorded as cancelled, and one command resumes it", async () => {
  appendFileSync(shop.repository.workspace.path("examples/shop/api/main.go"), "\n// Another change of the source.\n");
  await shop.repository.commit("feat: another change");
  await shop.repository.git("push", "--quiet");
  const isRollingOut = async () => {
    const { items } = await kubectlJson<{ items: object[] }>(
      "get",
      "secrets",
      "-n",
      STACK,
      "-l",
      "owner=helm,status=pending-upgrade",
    );
    return items.length > 0;
  };
  const args = ["deploy", "--stack", STACK, "--release", "v4.0.0"];
  const ended = await shop.repository.signalled(args, await shop.jobEnvironment(), "SIGTERM", isRollingOut);
  expect(ended.exitCode).not.toBe(0);
  expect(ended.output).toContain(`npm run slipway -- deploy --stack ${STACK}`);
  expect(shop.isLocked()).toBe(false);
  const runs = shop.repository.workspace.path(".slipway/runs");
  const newest = readdirSync(runs).sort().at(-1) ?? "";
  expect(JSON.parse(readFileSync(join(runs, newest, "run.json"), "utf8"))).toMatchObject({ status: "cancelled" });
  expect((await ask(shop.host, "/version")).status).toBe(200);

  const resumed = await shop.ci("deploy", "--stack", STACK);
  expect(resumed.exitCode, resumed.output).toBe(0);
  expect(await releasesOf()).toEqual(["v4.0.0", "v4.0.0"]);
});

it("on a protected main, records wait in a pull request, and a fresh clone rolls back before it is merged", async () => {
  const before = await shop.recordedRelease();
  appendFileSync(shop.repository.workspace.path("stacks/services.yaml"), "\nrecords: pull-request\n");
  await shop.repository.commit("chore: put records into pull requests");
  await shop.repository.git("push", "--quiet");
  shop.repository.protectMain();

  await deployInCi("v5.0.0");
  expect(await shop.recordedRelease()).toBe(before);
  const branch = `slipway/record-${STACK}`;
  expect(shop.github.proposals).toMatchObject([{ head: branch, base: "main" }]);

  const fresh = await shop.repository.cloneElsewhere();
  const { exitCode, output } = await inClone(fresh, "rollback", "--push");
  expect(exitCode, output).toBe(0);
  expect(await releasesOf()).toEqual(["v4.0.0", "v4.0.0"]);

  await deployInCi("v6.0.0");
  await shop.repository.mergeInRemote(branch);
  expect(await shop.recordedRelease()).toBe("v6.0.0");
});
