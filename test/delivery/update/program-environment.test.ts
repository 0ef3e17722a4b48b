import { expect, it } from "vitest";
import { programEnvironment } from "../../../delivery/update/program-environment.ts";

it("the program learns which command runs it, and what somebody has allowed it: to go back across a contract migration, to remove services", () => {
  expect(programEnvironment({ action: "rollback" }, {})).toEqual({ SLIPWAY_ACTION: "rollback" });
  expect(programEnvironment({ action: "deploy" }, { acrossContract: true })).toEqual({
    SLIPWAY_ACTION: "deploy",
    SLIPWAY_ACROSS_CONTRACT: "true",
  });
  expect(programEnvironment({ action: "deploy" }, { allowDelete: ["api", "web"] })).toEqual({
    SLIPWAY_ACTION: "deploy",
    SLIPWAY_ALLOW_DELETE: "api,web",
  });
});
