import { expect, it } from "vitest";
import { programEnvironment } from "../../../delivery/update/program-environment.ts";

it("the program learns which command runs it, and whether somebody has allowed to go back across a contract migration", () => {
  expect(programEnvironment({ action: "rollback" }, {})).toEqual({ SLIPWAY_ACTION: "rollback" });
  expect(programEnvironment({ action: "deploy" }, { acrossContract: true })).toEqual({
    SLIPWAY_ACTION: "deploy",
    SLIPWAY_ACROSS_CONTRACT: "true",
  });
});
