import { expect, it } from "vitest";
import { runCommand, useShop } from "../shop.ts";

const shop = useShop();

it.each<[string[], string, boolean]>([
  [["deploy"], "up", true],
  [["deploy", "--dry-run"], "preview", true],
  [["rollback", "--to", "v0.9.0"], "up", false],
  [["restart"], "up", false],
])("%j runs pulumi %s with the policies: %s", { timeout: 60_000 }, async (args, command, isJudged) => {
  for (const release of ["v0.9.0", "v1.0.0"]) await shop.clone.git("tag", release);
  await runCommand([...args, "--stack", "dev"], shop.clone.root, shop.environment);
  const calls = shop.pulumi.calls.filter((call) => call.startsWith(`${command} `));
  expect(calls).toHaveLength(1);
  expect(calls[0]?.includes("--policy-pack policy/pack")).toBe(isJudged);
});
