import { describe, expect, it } from "vitest";
import { applies, policiesFor, resolvePolicies } from "../../config/policy-rules.ts";
import { environmentOf } from "./config-of.ts";

const shared = {
  cluster: { target: "existing", context: "here" },
  namespace: "shop",
  images: { repository: "registry.example.com/shop" },
  services: {},
};
const reason = "It sends each mail once.";

describe("policies", () => {
  it("are mandatory where data is kept, and advisory where nothing is, unless the environment says otherwise", () => {
    expect(resolvePolicies({}).enforcement).toBe("mandatory");
    expect(resolvePolicies({ protect: "none" }).enforcement).toBe("advisory");
    expect(resolvePolicies({ protect: "none", policies: { enforcement: "mandatory" } }).enforcement).toBe("mandatory");
    expect(environmentOf(shared, { policies: { enforcement: "advisory" } }).policies.enforcement).toBe("advisory");
  });

  it("leave out what an environment cannot lose", () => {
    expect(applies(resolvePolicies({}), "protected-data", "shop")).toBe(true);
    expect(applies(resolvePolicies({ protect: "none" }), "protected-data", "shop")).toBe(false);
    expect(applies(resolvePolicies({ protect: "none" }), "pod-security", "shop")).toBe(true);
  });

  it("never keep anybody from a rollback or a restart", () => {
    const policies = resolvePolicies({});
    expect(
      ["deploy", undefined, "rollback", "restart"].map((action) => policiesFor(policies, action).enforcement),
    ).toEqual(["mandatory", "mandatory", "advisory", "advisory"]);
  });

  it("take exceptions for one rule and one name, each with a reason", () => {
    const { policies } = environmentOf(shared, {
      policies: { exceptions: [{ rule: "replicas", name: "mailer", reason }] },
    });
    expect(applies(policies, "replicas", "mailer")).toBe(false);
    expect(applies(policies, "replicas", "api")).toBe(true);
    expect(applies(policies, "probes", "mailer")).toBe(true);
  });

  it.each([
    [
      { exceptions: [{ rule: "replica", name: "mailer", reason }] },
      /policies\.exceptions\[?\.?0\]?\.rule.*"replica" given/,
    ],
    [{ exceptions: [{ rule: "replicas", name: "mailer", reason: "why" }] }, /reason/],
    [{ exceptions: [{ rule: "replicas", name: "mailer" }] }, /reason/],
    [{ enforcement: "strict" }, /"strict" given.*mandatory/],
    [{ allowDelete: ["No_Service"] }, /allowDelete/],
    [{ level: "mandatory" }, /policies\.level/],
  ])("refuse %j", (policies, message) => {
    expect(() => environmentOf(shared, { policies })).toThrow(message);
  });
});
