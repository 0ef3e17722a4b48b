import { describe, expect, test } from "vitest";
import type { AwsResource } from "../../providers/aws/resource.ts";
import { AwsResourceHandler } from "../../providers/aws/resource-handler.ts";
import { resourceType } from "../../providers/aws/resource-type.ts";
import { InitializationFailed } from "../../providers/protocol/handler.ts";
import { type PropertyMap, Secret, Unknown } from "../../providers/protocol/value.ts";
import { FakeAccount, operation, REGION, thingType } from "./aws-fakes.ts";

const TAGS = { project: "shop" };

function serve(over: Partial<AwsResource> = {}) {
  const { resource, things } = thingType(over);
  const handler = new AwsResourceHandler(resourceType("aws:test/thing:Thing", resource), new FakeAccount(), TAGS);
  const check = async (news: PropertyMap, olds: PropertyMap = {}): Promise<PropertyMap> =>
    (await handler.check({ news, olds, namingDisabled: false }, operation())).inputs;
  const make = async (news: PropertyMap) => {
    const inputs = await check(news);
    return { inputs, ...(await handler.create({ news: inputs, preview: false }, operation())) };
  };
  return { handler, things, check, make };
}

const failure = async (running: Promise<unknown>): Promise<Error> =>
  running.then(
    () => new Error("it did not fail"),
    (error: Error) => error,
  );

describe("making", () => {
  test("answers what AWS has, with the inputs' secrets", async () => {
    const { make } = serve();
    const { id, properties } = await make({ name: "a", secret: new Secret("s"), tags: { Name: "x" } });
    expect(id).toBe("t-a");
    expect(properties).toEqual({
      name: "a",
      arn: "arn:aws:test:::a",
      size: 1,
      description: "Managed by Pulumi",
      secret: new Secret("s"),
      region: REGION,
      tags: { Name: "x" },
      tagsAll: { project: "shop", Name: "x" },
    });
  });

  test("leaves nothing to change, however AWS writes it", async () => {
    const reads = thingType().resource.read;
    const { handler, things, make } = serve({
      read: async (id, known, aws) => {
        const props = things.get(id) ?? (await reads(id, known, aws));
        return {
          ...props,
          zones: ["b", "a"],
          policy: '{"Statement":[{"Action":"x"}]}',
          network: { ...(props?.network as object), vpcId: "vpc-1", family: "ipv4" },
          tags: { ...(props?.tagsAll as object), "aws:cloudformation:stack": "mine" },
        };
      },
    });
    const policy = '{ "Statement": [{ "Action": "x" }] }';
    const made = await make({ zones: ["a", "b"], policy, network: { subnetIds: ["s"] }, tags: {} });
    expect(made.properties).toMatchObject({ zones: ["a", "b"], policy, tagsAll: TAGS });
    const { changes } = await handler.diff({ olds: made.properties, news: made.inputs }, operation());
    expect([...changes.keys()]).toEqual([]);
  });

  test("is told in a preview as far as it is known", async () => {
    const { handler, things, check } = serve();
    const news = await check({ name: "a", network: { subnetIds: [Unknown.value] } });
    const { id, properties } = await handler.create({ news, preview: true }, operation());
    expect(id).toBe("");
    expect(things.size).toBe(0);
    expect(properties).toMatchObject({ name: "a", size: Unknown.value, tagsAll: TAGS });
    expect(properties.network).toEqual({ subnetIds: [Unknown.value], vpcId: Unknown.value, family: Unknown.value });
    expect(properties).not.toHaveProperty("__defaults");
  });

  test("that AWS refuses fails with its words, and nothing is kept", async () => {
    const refusal = Object.assign(new Error("There is one already"), { name: "ThingExists", $metadata: {} });
    const { make } = serve({ create: () => Promise.reject(refusal) });
    const error = await failure(make({}));
    expect(error.message).toBe("creating aws:test/thing:Thing: ThingExists: There is one already");
    expect(error).not.toBeInstanceOf(InitializationFailed);
  });

  test("that fails after AWS has it keeps what there is", async () => {
    const { make, things } = serve({
      create: async (props, _aws, op) => {
        things.set("t-1", props);
        op.created("t-1");
        throw new Error("gave up waiting until it is active");
      },
    });
    const error = await failure(make({ name: "a", secret: new Secret("s") }));
    expect(error).toBeInstanceOf(InitializationFailed);
    expect(error.message).toBe("creating aws:test/thing:Thing (t-1): gave up waiting until it is active");
    expect(error).toMatchObject({ id: "t-1", properties: { arn: "arn:aws:test:::a", secret: new Secret("s") } });
  });
});

describe("a change", () => {
  test("in place is made by the properties that differ, that of tags by calls of their own", async () => {
    let changed: string[] = [];
    const { handler, check, make, things } = serve({
      update: async (id, props, _old, names) => {
        changed = [...names].sort();
        things.set(id, { ...things.get(id), zones: props.zones ?? [] });
      },
    });
    const made = await make({ name: "a", tags: { Name: "x", team: "a" } });
    const news = await check({ name: "a", zones: ["z"], tags: { Name: "y" } }, made.inputs);
    const args = { id: made.id, olds: made.properties, news, preview: false };
    const { properties } = await handler.update(args, operation());
    expect(changed).toEqual(["zones"]);
    expect(properties).toMatchObject({ zones: ["z"], tagsAll: { project: "shop", Name: "y" } });
    expect(properties.tagsAll).not.toHaveProperty("team");
  });

  test("of tags alone is one in place, of whatever type", async () => {
    const { handler, check, make } = serve({ update: undefined });
    const made = await make({ name: "a", tags: { Name: "x" } });
    const news = await check({ name: "a", tags: { Name: "y" } }, made.inputs);
    const { changes } = await handler.diff({ olds: made.properties, news }, operation());
    expect([...changes].map(([path, { replace }]) => [path, replace])).toEqual([
      ["tags.Name", false],
      ["tagsAll.Name", false],
    ]);
    const args = { id: made.id, olds: made.properties, news, preview: false };
    expect((await handler.update(args, operation())).properties).toMatchObject({ tags: { Name: "y" } });
  });

  test("of nothing asks AWS for nothing, as after a failure that is over", async () => {
    const { handler, make } = serve({ update: () => Promise.reject(new Error("must not be called")) });
    const made = await make({ name: "a", tags: { project: "shop" } });
    expect(made.properties.tags).toEqual({ project: "shop" });
    const args = { id: made.id, olds: made.properties, news: made.inputs, preview: false };
    expect((await handler.update(args, operation())).properties).toEqual(made.properties);
  });

  test("is none where it is to be ignored", async () => {
    const { handler, check, make } = serve();
    const made = await make({ name: "a", size: 2, zones: ["z"] });
    const news = await check({ name: "a", size: 3, zones: ["y"] }, made.inputs);
    const { changes } = await handler.diff({ olds: made.properties, news }, operation(["size"]));
    expect([...changes.keys()]).toEqual(["zones[0]"]);
  });

  test("is known in a preview, but for what it may change besides", async () => {
    const { handler, check, make } = serve({ changing: ["arn"] });
    const made = await make({ name: "a", zones: ["z"], network: { subnetIds: ["s"] } });
    const preview = async (news: PropertyMap) =>
      handler.update({ id: made.id, olds: made.properties, news, preview: true }, operation());
    const changed = await preview(await check({ name: "a", network: { subnetIds: ["s"] } }, made.inputs));
    expect(changed.properties).toMatchObject({ arn: Unknown.value, size: 1 });
    expect(changed.properties).not.toHaveProperty("zones");
    expect((await preview(made.inputs)).properties.arn).toBe("arn:aws:test:::a");
  });

  test("that cannot be made in place replaces; with a given name the old one goes first", async () => {
    const { handler, check, make } = serve();
    const replacing = async (first: PropertyMap, then: PropertyMap) => {
      const made = await make(first);
      const news = await check(then, made.inputs);
      const { changes, deleteBeforeReplace } = await handler.diff({ olds: made.properties, news }, operation());
      return { replace: [...changes.values()].some(({ replace }) => replace), deleteBeforeReplace };
    };
    const [v4, v6] = ["ipv4", "ipv6"].map((family) => ({ network: { subnetIds: ["s"], family } }));
    expect(await replacing({ ...v4 }, { ...v6 })).toEqual({ replace: true, deleteBeforeReplace: false });
    expect(await replacing({ name: "a", ...v4 }, { name: "a", ...v6 })).toEqual({
      replace: true,
      deleteBeforeReplace: true,
    });
    expect(await replacing({ name: "a" }, { name: "a", zones: ["z"] })).toEqual({
      replace: false,
      deleteBeforeReplace: false,
    });
  });

  test("of a type that is never changed in place always replaces", async () => {
    const { handler, check, make } = serve({ update: undefined, deleteBeforeReplace: true });
    const made = await make({});
    const news = await check({ zones: ["z"] }, made.inputs);
    const { changes, deleteBeforeReplace } = await handler.diff({ olds: made.properties, news }, operation());
    expect(changes.get("zones")).toEqual({ kind: "add", replace: true });
    expect(deleteBeforeReplace).toBe(true);
  });

  test("that fails halfway keeps what AWS has, so that the rest shows the next time", async () => {
    const { handler, check, make, things } = serve({
      update: async (id, props) => {
        things.set(id, { ...things.get(id), size: props.size ?? 0 });
        throw new Error("no zones left");
      },
    });
    const made = await make({ name: "a", size: 1 });
    const news = await check({ name: "a", size: 5, zones: ["z"] }, made.inputs);
    const error = await failure(
      handler.update({ id: made.id, olds: made.properties, news, preview: false }, operation()),
    );
    expect(error).toBeInstanceOf(InitializationFailed);
    expect(error.message).toBe("updating aws:test/thing:Thing (t-a): no zones left");
    const { properties } = error as InitializationFailed;
    const { changes } = await handler.diff({ olds: properties, news }, operation());
    expect([...changes.keys()]).toEqual(["zones"]);
  });
});

describe("reading", () => {
  test("sees what was changed behind our back, in state and inputs, and what is ours to change back", async () => {
    const { handler, make, things } = serve();
    const made = await make({ name: "a", zones: ["z"], secret: new Secret("s"), tags: { Name: "x" } });
    things.set(made.id, { name: "a", zones: ["y"], secret: "t", tagsAll: { project: "shop", Name: "x", More: "1" } });
    const read = await handler.read({ id: made.id, properties: made.properties, inputs: made.inputs });
    expect(read.properties).toMatchObject({ zones: ["y"], secret: new Secret("t"), tags: { Name: "x", More: "1" } });
    expect(read.inputs).toMatchObject({ zones: ["y"], secret: new Secret("t"), tags: { Name: "x" } });
    expect(read.inputs).not.toHaveProperty("description");
    const { changes } = await handler.diff({ olds: read.properties, news: made.inputs }, operation());
    expect([...changes.keys()].sort()).toEqual(["description", "secret", "tags.More", "tagsAll.More", "zones[0]"]);
  });

  test("of what is gone answers no id, and its end is no error", async () => {
    const { handler, make, things } = serve();
    const made = await make({ name: "a" });
    await handler.delete({ id: made.id, properties: made.properties }, operation());
    expect(things.size).toBe(0);
    const gone = await handler.read({ id: made.id, properties: made.properties, inputs: made.inputs });
    expect(gone).toEqual({ id: "", properties: {}, inputs: {} });
    await handler.delete({ id: made.id, properties: made.properties }, operation());
  });

  test("for an import is refused", async () => {
    const reading = serve().handler.read({ id: "t-1", properties: {}, inputs: {} });
    await expect(reading).rejects.toThrow(/does not import \(t-1\): use the official plugin/);
  });

  test("goes where the resource is, though the provider has moved", async () => {
    const regions: string[] = [];
    const { handler } = serve({
      delete: async (_id, _props, aws) => {
        regions.push(aws.region);
      },
    });
    await handler.delete({ id: "t-1", properties: { region: "eu-west-1" } }, operation());
    await handler.delete({ id: "t-1", properties: {} }, operation());
    expect(regions).toEqual(["eu-west-1", REGION]);
  });
});
