import { expect, it } from "vitest";
import { merge } from "../../../config/merge.ts";
import { splitServices } from "../../../delivery/import/differences.ts";

const api = (fields: object) => ({ api: { image: "a", replicas: { min: 1, max: 1 }, ...fields } });

it("each environment is what all share with its own part merged over it", () => {
  const environments = [
    api({ config: { A: "1", B: "2" }, hosts: ["dev.example.com"] }),
    api({ config: { A: "1", B: "3" }, replicas: { min: 1, max: 4 } }),
    api({ config: { A: "1" }, hosts: ["example.com"] }),
  ];
  const { shared, own } = splitServices(environments);
  expect(shared).toEqual({ api: { image: "a", replicas: { min: 1 }, config: { A: "1" } } });
  expect(own.map((part) => merge(shared, part))).toEqual(environments);
});

it("a service that an environment does not have is disabled there", () => {
  const { shared, own } = splitServices([api({}), {}]);
  expect(shared).toEqual(api({}));
  expect(own).toEqual([{}, { api: { enabled: false } }]);
});

it("a tag belongs to its stack, also if all stacks have the same", () => {
  const { shared, own } = splitServices([api({ tag: "v1" }), api({ tag: "v1" })]);
  expect(shared).toEqual(api({}));
  expect(own).toEqual([{ api: { tag: "v1" } }, { api: { tag: "v1" } }]);
});
