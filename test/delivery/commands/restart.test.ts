import { expect, it } from "vitest";
import { useShop } from "../shop.ts";

const shop = useShop();

it("restart refuses a cron service, which has no pods to replace, and leaves what runs to an end out of all", async () => {
  const web = '    services:\n      web: { kind: cron, cron: { schedule: "@daily" } }\n';
  await shop.clone.commit("feat: a report", { "stacks/Pulumi.dev.yaml": `${shop.stackFile}${web}` });
  expect(await shop.run("restart", "--stack", "dev", "--service", "web", "--dry-run")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("slipway -- run web --stack dev"),
  });
  const { exitCode, stderr } = await shop.run("restart", "--stack", "dev", "--no-push", "--yes");
  expect(exitCode, stderr).toBe(0);
  expect(shop.stackFile).toMatch(/api:\s+restartedAt/);
  expect(shop.stackFile).not.toMatch(/kind: cron.*restartedAt|web:\s+restartedAt/);
});
