import { expect, it } from "vitest";
import { clusterErrorReason } from "../../delivery/cluster.ts";

it("says for how long a cluster gave no answer", () => {
  const aborted = Object.assign(new Error("The user aborted a request."), { name: "AbortError" });
  expect(clusterErrorReason(aborted)).toMatch(/^no answer within \d+ s$/);
  expect(clusterErrorReason(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }))).toBe("ECONNREFUSED");
});
