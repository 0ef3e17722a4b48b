import { describe, expect, it } from "vitest";
import { versionOfImage } from "../../../../config/schema/service/image.ts";
import { faultsOf } from "../../config-of.ts";
import { existing } from "../../service-base.ts";
import { redis, resources, serviceFaultsOf } from "./service-faults.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("an image of somebody else", () => {
  it.each([redis, `localhost:5000/a@${digest}`, `ghcr.io/a/b_c/d--e:v1@${digest}`, `registry:5000/a@${digest}`])(
    "may be %s, and run as its own user",
    (image) => {
      expect(serviceFaultsOf({ build: undefined, image, user: 999 })).toEqual([]);
    },
  );

  it.each<[string, object, RegExp]>([
    [
      "a tag without a digest, with the command that gives it",
      { build: undefined, image: "docker.io/library/redis:8.2" },
      /^image: .*A tag alone.*imagetools inspect docker\.io\/library\/redis:8\.2/,
    ],
    ["no registry", { build: undefined, image: `redis:8.2@${digest}` }, /^image: .*The registry comes first/],
    ["a short digest", { build: undefined, image: "docker.io/a@sha256:abc" }, /^image: .*64 digits/],
    ["a build as well", { image: redis }, /^image: .*has a build as well/],
    ["neither image nor build", { build: undefined }, /^build: nothing given; required.*or image/],
    [
      "a tag in services.yaml, which would do nothing",
      { build: undefined, image: redis, tag: "v9" },
      /^tag: "v9" given; does nothing beside image/,
    ],
    ["root", { build: undefined, image: redis, user: 0 }, /^user: 0 given; must be 1 or more/],
    ["a user of the node, with a build", { user: 999 }, /^user: 999 given; .*Use 10000 or more/],
  ])("refuses %s", (_, fields, message) => {
    expect(serviceFaultsOf(fields)).toEqual([expect.stringMatching(message)]);
  });

  it("may have a tag in a stack's file, where commands write it", () => {
    const shared = { ...existing, services: { cache: { image: redis, resources } } };
    expect(faultsOf(shared, { services: { cache: { tag: "v1.0.0" } } })).toEqual([]);
  });

  it.each([
    [redis, "8.2"],
    [`localhost:5000/a@${digest}`, "a".repeat(12)],
  ])("%s is the version %s", (image, version) => {
    expect(versionOfImage(image)).toBe(version);
  });
});
