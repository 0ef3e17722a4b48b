import { describe, expect, it } from "vitest";
import { faultsOfService } from "./faults.ts";

const blueGreen = (fields: object = {}, service: object = {}) =>
  faultsOfService({ port: 8080, ...service, rollout: { strategy: "blueGreen", ...fields } });

describe("blueGreen", () => {
  it("is accepted for a service with a port", () => {
    expect(blueGreen()).toEqual([]);
    expect(blueGreen({ promotion: "manual", keepSeconds: 60 })).toEqual([]);
    expect(blueGreen({ previewHost: "next.example.com" }, { hosts: ["example.com"] })).toEqual([]);
  });

  it.each<[string, () => readonly string[], RegExp]>([
    ["without a port", () => blueGreen({}, { port: undefined }), /rollout\.strategy.*no traffic to switch/],
    ["of a stateful service", () => blueGreen({}, { kind: "stateful" }), /rollout\.strategy.*in place/],
    [
      "with a preview host and no hosts",
      () => blueGreen({ previewHost: "next.example.com" }),
      /previewHost.*Set hosts/,
    ],
    ["with a step", () => blueGreen({ maxSurge: 2 }), /maxSurge.*beside the old ones/],
    ["with manual promotion and a time", () => blueGreen({ promotion: "manual", previewSeconds: 9 }), /previewSeconds/],
    [
      "in name only",
      () => faultsOfService({ rollout: { keepSeconds: 60 } }),
      /keepSeconds.*only for strategy: blueGreen/,
    ],
  ])("%s is refused", (_, faults, message) => {
    expect(faults()).toEqual([expect.stringMatching(message)]);
  });
});
