import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { DeliveryShop } from "./delivery-shop.ts";
import { kubectl } from "./workspace.ts";

/** Tests of what can go wrong around a deploy. @param releases that were deployed before */
export function describeFaults(shop: DeliveryShop, releases: { first: string; second: string }): void {
  const STACK = shop.stack;
  describe("a deploy without a network", () => {
    /** The commands that warnings give, without `npm run slipway --`. */
    const commandsIn = (output: string) =>
      [...output.matchAll(/npm run slipway -- (.+)$/gm)].map(([, args]) => (args ?? "").split(" "));

    it("to Slack, S3, GitHub and git succeeds, and gives the commands that retry the other steps", async () => {
      await shop.stopServers();
      const environment = await shop.jobEnvironment({ AWS_ENDPOINT_URL: "http://127.0.0.1:9", GITHUB_RUN_ID: "4712" });
      const { exitCode, output } = await shop.repository.withoutRemote(() =>
        shop.repository.slipway(["restart", "--stack", STACK, "--service", "worker"], environment),
      );
      shop.printed.push(output);
      await shop.startServers();
      expect(exitCode, output).toBe(0);
      const warnings = output.split("\n").filter((line) => line.startsWith("::warning::"));
      for (const what of [
        /^::warning::The record .* could not be pushed/,
        /Artifacts were not uploaded/,
        /git tag was not pushed/,
        /Slack was not notified/,
      ])
        expect(
          warnings.some((line) => what.test(line)),
          `${what} in\n${warnings.join("\n")}`,
        ).toBe(true);

      const before = { keys: (await shop.keys()).length, messages: shop.slack.sent.length };
      for (const args of commandsIn(warnings.join("\n")))
        expect((await shop.ci(...args)).exitCode, args.join(" ")).toBe(0);
      expect((await shop.keys()).length).toBe(before.keys + 5);
      expect(shop.slack.sent.length).toBe(before.messages + 1);
      expect(await shop.repository.remoteTags()).toContain(`${STACK}/${releases.second}/4712`);
      expect(await shop.repository.inRemote("log", "-1", "--format=%s", "main")).toContain(
        `Restart worker of ${STACK}`,
      );
      expect(await shop.record()).toContain("restartedAt");
    });
  });

  describe("two deploys at once", () => {
    it("end with one that proceeds, and one that is refused at once and reverts its record", async () => {
      const earlier = await shop.record();
      // Suspended, so that it cannot end before the other one has begun.
      const proceeds = await shop.repository.suspended(
        ["restart", "--stack", STACK],
        await shop.jobEnvironment(),
        () => shop.isLocked(),
        async () => {
          const before = await shop.record();
          expect(before).not.toBe(earlier);
          const start = performance.now();
          const refused = await shop.ci(
            "deploy",
            "--stack",
            STACK,
            "--release",
            releases.first,
            "--service",
            "worker",
            "--allow-downgrade",
          );
          const seconds = (performance.now() - start) / 1000;
          expect(refused.exitCode).toBe(4);
          expect(refused.output).toContain("refused, nothing was changed. Another update of the stack is running");
          expect(seconds).toBeLessThan(10);
          expect(await shop.record()).toBe(before);
        },
      );
      expect(proceeds.exitCode, proceeds.output).toBe(0);
    });
  });

  describe("an update that was killed", () => {
    it("leaves its lock, which the next command names, and removes under --break-lock", async () => {
      await shop.repository.killed(["deploy", "--stack", STACK, "--no-notify"], await shop.jobEnvironment(), () =>
        shop.isLocked(),
      );
      const refused = await shop.ci("deploy", "--stack", STACK);
      expect(refused.exitCode).toBe(4);
      expect(refused.output).toMatch(/running \(.*created by \S+ \(pid \d+\) at .*unlock --stack/);
      const { exitCode, output } = await shop.ci("deploy", "--stack", STACK, "--break-lock");
      expect(exitCode, output).toBe(0);
    });
  });

  describe("drift", () => {
    it("is none after a deploy", async () => {
      const { exitCode, output } = await shop.ci("drift", "--stack", STACK);
      expect(exitCode, output).toBe(0);
    });

    it("is reported without a change of the state", async () => {
      const hash = () => createHash("sha256").update(shop.state()).digest("hex");
      const before = hash();
      await kubectl("label", "namespace", STACK, "pod-security.kubernetes.io/enforce=privileged", "--overwrite");
      const messages = shop.slack.sent.length;
      const { exitCode, output } = await shop.ci("drift", "--stack", STACK, "--notify");
      expect(exitCode, output).toBe(2);
      expect(output).toMatch(/kubernetes:core\/v1:Namespace\) was changed/);
      expect(shop.slack.sent.length).toBe(messages + 1);
      expect(hash()).toBe(before);
    });
  });
}
