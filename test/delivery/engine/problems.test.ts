import { describe, expect, it } from "vitest";
import { readMigrations, readProblems } from "../../../delivery/engine/problems.ts";
import { diagnostic, releaseOf } from "./events.ts";

const service = "slipway:index:Service::web";

describe("readProblems", () => {
  const pod = "api v2: pod api-7d4-x: CrashLoopBackOff (Error 1)\n  panic: no database";
  const helm = 'Helm release "shop/api" failed to become ready within the allocated timeout';
  const problems = (...events: Parameters<typeof readProblems>[0]) => readProblems(events);

  it("lists failing pods first, because they give the reason, and leaves out the summary", () => {
    expect(
      problems(
        diagnostic("error", `<{%fg 1%}>${helm}<{%reset%}>\n`, releaseOf("api")),
        diagnostic("warning", "the other resource is deprecated", "aws:s3/bucket:Bucket::artifacts"),
        diagnostic("warning", `${pod}\n`, service),
        diagnostic("error", "update failed\n", "pulumi:pulumi:Stack::slipway-local"),
      ),
    ).toEqual([pod, helm]);
  });

  it("lists mandatory policies that are broken before the failure that they cause", () => {
    const policy = (enforcementLevel: "mandatory" | "warning", what: string) => ({
      sequence: 1,
      timestamp: 0,
      policyEvent: {
        resourceUrn: "urn:pulumi:prod::slipway::aws:kms/key:Key::shop-prod",
        message: `<{%fg 1%}>What holds data is protected.\n${what}<{%reset%}>\n`,
        color: "",
        policyName: "protected-data",
        policyPackName: "slipway",
        policyPackVersion: "0.1.0",
        policyPackVersionTag: "0.1.0",
        enforcementLevel,
      },
    });
    const failure = diagnostic("error", "resource plan violates policy");
    expect(problems(failure, policy("warning", "a hint"), policy("mandatory", "Set protect: true"))).toEqual([
      "shop-prod breaks the policy protected-data: Set protect: true",
      "resource plan violates policy",
    ]);
  });

  it("lists each message once, without colours", () => {
    expect(
      problems(
        diagnostic("error", "\u001b[31mno such host\u001b[0m"),
        diagnostic("error", "no such host\n"),
        diagnostic("error", "\n"),
        diagnostic("error", "half a line", undefined, { ephemeral: true }),
        diagnostic("info", "no trouble"),
      ),
    ).toEqual(["no such host"]);
  });

  it("ignores other warnings of a service, and warnings of other resources", () => {
    expect(
      problems(
        diagnostic("warning", "the chart is old", service),
        diagnostic("warning", "web v2: pod web-1: not ready within the 10 s", "slipway:index:Addons::addons"),
      ),
    ).toEqual([]);
  });

  it("keeps a message that contains more than the summary", () => {
    const message = "1 error occurred:\n\t* deleting ECR repository shop: the repository holds images";
    expect(problems(diagnostic("error", message, "aws:ecr/repository:Repository::shop")).join()).toContain(
      "holds images",
    );
    const reached = "update failed to reach the cluster: no route to host";
    expect(problems(diagnostic("error", reached))).toEqual([reached]);
    const quota = "resource quota of shop exceeded: creating the pod failed";
    expect(problems(diagnostic("error", quota, releaseOf("api")))).toEqual([quota]);
  });
});

it("readMigrations finds what a preview announces, and nothing else that is said", () => {
  const announced = "api v2: migration expand runs before the rollout: /app migrate (at most 600 s)";
  const later =
    "web v2: migration contract runs after the rollout, once no older pod lives: /app migrate (at most 9 s)";
  const events = [
    diagnostic("info", `${announced}\n`),
    diagnostic("info", "api v2: migration expand: Job api-expand-1 runs: /app migrate"),
    diagnostic("warning", announced),
    diagnostic("info", later),
    diagnostic("info", "web v2: no migration runs on the way back to a release that has served before."),
  ];
  expect(readMigrations(events)).toEqual([announced, later]);
});
