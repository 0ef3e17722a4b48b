import { describe, expect, test } from "vitest";
import { checkInputs } from "../../providers/aws/check.ts";
import type { AwsResource } from "../../providers/aws/resource.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { type PropertyMap, Secret, Unknown } from "../../providers/protocol/value.ts";
import { operation, REGION, thingType } from "./aws-fakes.ts";

interface Given {
  over?: Partial<AwsResource>;
  olds?: PropertyMap;
  defaultTags?: Record<string, string>;
  proposedName?: string;
  namingDisabled?: boolean;
}

function check(news: PropertyMap, given: Given = {}): { inputs: PropertyMap; failures: string[] } {
  const { over, olds = {}, defaultTags = {}, proposedName, namingDisabled = false } = given;
  const { inputs, failures } = checkInputs(
    resourceType("aws:test/thing:Thing", thingType(over).resource),
    { olds, news, namingDisabled, ...(proposedName ? { proposedName } : {}) },
    operation(),
    { region: REGION, defaultTags },
  );
  return { inputs, failures: failures.map(({ property, reason }) => `${property}: ${reason}`) };
}

describe("inputs", () => {
  test("are filled in: defaults, region, all tags; nulls go", () => {
    const { inputs, failures } = check({ name: "a", secret: null, network: { subnetIds: ["s"], family: null } });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({
      name: "a",
      description: "Managed by Pulumi",
      network: { subnetIds: ["s"] },
      region: REGION,
      tagsAll: {},
      __defaults: ["description"],
    });
  });

  test("keep their secrets, and what is not known yet", () => {
    const news = {
      name: "a",
      secret: new Secret("s"),
      network: new Secret({ subnetIds: Unknown.value }),
      zones: ["z"],
    };
    expect(check(news).inputs).toMatchObject(news);
    expect(check({ network: Unknown.value }).inputs.network).toBe(Unknown.value);
  });

  test("that the type does not have are refused, with what it has, at any depth", () => {
    const news = { colour: "red", network: [{ subnetIds: [], vpcId: "vpc-1" }] };
    expect(check(news).failures).toEqual([
      expect.stringMatching(
        /^colour: .*not take "colour" here, in aws:test\/thing:Thing \(it takes: description, name, /,
      ),
      expect.stringMatching(/^network\[0\]\.vpcId: .*not take "vpcId" .*\(it takes: family, subnetIds\)/),
    ]);
    expect(check({ network: "vpc-1" }).failures).toEqual([
      expect.stringMatching(/^network: was "vpc-1"; .* an object/),
    ]);
  });

  test("that the type needs are missed, at any depth", () => {
    expect(check({ network: {} }).failures).toEqual([
      'network.subnetIds: aws:test/thing:Thing needs "subnetIds", which is missing',
    ]);
    expect(check({}, { over: { inputs: { size: { required: true } } } }).failures).toHaveLength(1);
  });

  test("that AWS does not take, or the stand-in not, are refused, with those that it takes", () => {
    const over = { inputs: { kind: { allowed: ["a", "b"] }, box: { fields: { kinds: { allowed: ["a"] } } } } };
    const reason = 'was "c"; the stand-in for the aws plugin takes a, b here, in aws:test/thing:Thing';
    expect(check({ kind: "c" }, { over }).failures).toEqual([`kind: ${reason}`]);
    expect(check({ kind: new Secret("a"), box: { kinds: ["a", "b"] } }, { over }).failures).toEqual([
      expect.stringMatching(/^box\.kinds\[1\]: was "b"/),
    ]);
    expect(check({ kind: Unknown.value, box: { kinds: [Unknown.value] } }, { over }).failures).toEqual([]);
  });

  test("of which one is to be given must be one, be it not known yet", () => {
    const over = { inputs: { cidr: {}, group: {}, size: {} }, oneOf: ["cidr", "group"] };
    expect(check({ cidr: Unknown.value, size: 1 }, { over }).failures).toEqual([]);
    expect(check({}, { over }).failures).toEqual(["cidr: give exactly one of cidr, group (given: none)"]);
    expect(check({ cidr: "a", group: "b" }, { over }).failures).toEqual([
      "cidr: give exactly one of cidr, group (given: cidr, group)",
    ]);
  });

  test("name another region than the provider's, or none with a global type", () => {
    expect(check({ region: "eu-west-1" }).inputs.region).toBe("eu-west-1");
    expect(check({ region: REGION }, { over: { global: true } }).failures).toEqual([
      expect.stringMatching(/^region: .*not take/),
    ]);
    expect(check({}, { over: { global: true } }).inputs).not.toHaveProperty("region");
  });
});

describe("a name that is left out", () => {
  test("is the resource's, a dash and seven hex digits", () => {
    const { inputs } = check({});
    expect(inputs.name).toMatch(/^web-[0-9a-f]{7}$/);
    expect(inputs.__defaults).toContain("name");
    expect(check({}).inputs.name).not.toBe(inputs.name);
  });

  test("stays, as long as nobody else gave it", () => {
    const { inputs } = check({});
    expect(check({}, { olds: inputs }).inputs.name).toBe(inputs.name);
    const { __defaults: _, ...refreshed } = inputs;
    expect(check({}, { olds: refreshed }).inputs.name).toBe(inputs.name);
    const given = check({ name: "mine" }).inputs;
    expect(given.__defaults).not.toContain("name");
    expect(check({}, { olds: given }).inputs.name).toMatch(/^web-/);
  });

  test("follows the rules of the engine, or is asked for", () => {
    expect(check({}, { proposedName: "shop-web" }).inputs.name).toBe("shop-web");
    expect(check({}, { namingDisabled: true }).failures).toEqual(["name: autonaming is switched off: set name"]);
  });

  test("fits the type: in lower case, no longer than AWS takes, of the property that bears it", () => {
    const over = { inputs: { bucket: {} }, autoname: "bucket", autonameLimit: 11 } as const;
    expect(check({}, { over }).inputs.bucket).toMatch(/^web-.{7}$/);
    expect(check({}, { over: { ...over, autonameLimit: 10 } }).failures).toEqual([
      'bucket: "web-" and 7 random characters are longer than the 10 that AWS takes; set bucket',
    ]);
  });
});

describe("tags", () => {
  const defaultTags = { project: "shop", team: "a" };

  test("are the provider's and the resource's own, which win; its own stay apart", () => {
    const { inputs } = check({ tags: { team: "b", Name: "x" } }, { defaultTags });
    expect(inputs.tags).toEqual({ team: "b", Name: "x" });
    expect(inputs.tagsAll).toEqual({ project: "shop", team: "b", Name: "x" });
  });

  test("that are secret or not known yet stay so", () => {
    const secret = check({ tags: new Secret({ Name: "x" }) }, { defaultTags }).inputs.tagsAll;
    expect(secret).toEqual(new Secret({ project: "shop", team: "a", Name: "x" }));
    expect(check({ tags: Unknown.value }, { defaultTags }).inputs.tagsAll).toBe(Unknown.value);
  });

  test("are not taken by a type without them", () => {
    const { inputs, failures } = check({ tags: {} }, { over: { tags: undefined }, defaultTags });
    expect(failures).toHaveLength(1);
    expect(inputs).not.toHaveProperty("tagsAll");
  });
});
