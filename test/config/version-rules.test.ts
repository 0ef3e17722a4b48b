import { expect, it } from "vitest";
import { faultsOf } from "./config-of.ts";

const services = {};
const target = {
  cluster: { target: "existing", context: "here" },
  images: { repository: "localhost/shop" },
  namespace: "shop",
};

it("versions belong into the file that all stacks share", () => {
  expect(faultsOf({ ...target, services, versions: { default: "minor" } })).toEqual([]);
  expect(faultsOf({ ...target, services }, { versions: { default: "minor" } })).toEqual([
    "stack.yaml: versions: belongs in stacks/services.yaml: it is the same for all stacks.",
  ]);
});
