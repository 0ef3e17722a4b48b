import { describe, expect, it } from "vitest";
import { resolveService } from "../../../../config/resolve.ts";
import { serviceSchema } from "../../../../config/schema/service/index.ts";
import { service } from "../../service-base.ts";
import { faultsOfService } from "./faults.ts";

const migration = { command: ["/app"], args: ["migrate"], phase: "expand" };
const faults = (over: object, fields: object = {}) =>
  faultsOfService({ migration: { ...migration, ...over }, ...fields });

describe("migration", () => {
  it.each<object>([{}, { phase: "contract" }, { database: "shop-orders" }, { timeoutSeconds: 7200 }])(
    "%o is accepted",
    (over) => expect(faults(over)).toEqual([]),
  );

  it.each<[object, string]>([
    [{ phase: "both" }, "migration.phase"],
    [{ phase: undefined }, "migration.phase"],
    [{ command: [] }, "migration.command"],
    [{ command: undefined }, "migration.command"],
    [{ timeoutSeconds: 0 }, "migration.timeoutSeconds"],
    [{ timeoutSeconds: 10_801 }, "migration.timeoutSeconds"],
    [{ database: "Shop/orders" }, "migration.database"],
    [{ retries: 3 }, "retries"],
  ])("%o is refused at %s", (over, where) => {
    const [first = ""] = faults(over);
    expect(first).toContain(where);
  });

  it("and rollout together take no longer than a deploy in CI may", () => {
    const rollout = { timeoutSeconds: 6000 };
    expect(faults({ timeoutSeconds: 4800 }, { rollout })).toEqual([]);
    expect(faults({ timeoutSeconds: 4801 }, { rollout })).toEqual([
      expect.stringMatching(/migration\.timeoutSeconds.*10801 s; allowed are 10800 s/),
    ]);
  });

  it("is no line for a shell", () => {
    expect(faults({ command: ["/app migrate"] })).toEqual([expect.stringContaining("no shell")]);
    expect(faults({ command: ["sh", "-c", "/app migrate"] })).toEqual([]);
  });

  it("gets 600 s if nothing is said, and is no value of the chart", () => {
    const resolved = resolveService("web", serviceSchema.parse({ ...service, migration }), "v1");
    expect(resolved.migration).toEqual({ ...migration, timeoutSeconds: 600 });
    expect(resolved.chartFields).not.toHaveProperty("migration");
  });
});
