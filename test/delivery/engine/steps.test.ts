import { expect, it } from "vitest";
import { hasStartedChange } from "../../../delivery/engine/steps.ts";
import { diagnostic, started } from "./events.ts";

const bucket = "slipway:index:Aws$aws:s3/bucket:Bucket::artifacts";
const deployer = "slipway:index:Aws$aws:iam/role:Role::deployer";

it.each([
  ...["create", "update", "delete", "replace", "create-replacement", "delete-replaced", "import"].map((op) => [
    op,
    true,
  ]),
  ...["same", "read", "refresh"].map((op) => [op, false]),
])("hasStartedChange after the start of %s: %s", (op, changed) => {
  const events = [diagnostic("error", "denied"), started("same", bucket), started(op as string, deployer)];
  expect(hasStartedChange(events)).toBe(changed);
});
