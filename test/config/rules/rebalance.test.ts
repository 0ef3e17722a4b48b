import { expect, it } from "vitest";
import { environmentOf, faultsOf } from "../config-of.ts";

const existing = {
  namespace: "shop",
  cluster: { target: "existing", context: "here" },
  images: { repository: "127.0.0.1:5000/shop" },
  services: {},
};
const descheduler = (enabled: boolean) => ({ addons: { descheduler: { enabled } } });

it("a deploy moves no pods unless the environment says so", () => {
  expect(environmentOf(existing).rebalance).toBe("never");
  expect(environmentOf(existing, { rebalance: "afterDeploy", ...descheduler(true) }).rebalance).toBe("afterDeploy");
});

it("rebalance: afterDeploy is refused without the add-on whose image and rights it uses", () => {
  const fault = expect.stringMatching(/rebalance: .*addons\.descheduler\.enabled: true/);
  expect(faultsOf(existing, { rebalance: "afterDeploy" })).toEqual([fault]);
  expect(faultsOf(existing, { rebalance: "afterDeploy", ...descheduler(false) })).toEqual([fault]);
  expect(faultsOf(existing, { rebalance: "never" })).toEqual([]);
});
