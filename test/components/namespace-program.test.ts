import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { registryOf, serve } from "./images/registry-server.ts";

interface Declared {
  type: string;
  name: string;
  namespace: unknown;
  opts: pulumi.CustomResourceOptions;
}

const NAMESPACE = "kubernetes:core/v1:Namespace";
let address: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ address, close } = await serve(registryOf({})));
});
afterAll(() => close());

/** Runs index.ts after an update with these outputs. @returns what it declared, and why it ended */
async function run(createNamespace: boolean, last: Record<string, unknown>) {
  const declared: Declared[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const { namespace, metadata } = inputs as { namespace?: unknown; metadata?: { namespace?: unknown } };
        declared.push({
          type,
          name,
          namespace: namespace ?? metadata?.namespace,
          opts: options.get(`${type} ${name}`) ?? {},
        });
        if (type === "pulumi:pulumi:StackReference") return { id: name, state: { ...inputs, outputs: last } };
        return { id: `${name}-id`, state: { ...inputs } };
      },
      call: ({ inputs }) => inputs,
    },
    "slipway",
    "test",
    true,
    "organization",
  );
  const environment = {
    cluster: { target: "existing", context: "here" },
    images: { repository: `${address}/shop` },
    createNamespace,
    addons: { traefik: { enabled: false }, metricsServer: { enabled: false } },
  };
  pulumi.runtime.setAllConfig(
    {
      "slipway:release": "v1.2.3",
      "slipway:secret.api.DB_PASSWORD": "hunter2",
      "slipway:environment": JSON.stringify(environment),
    },
    ["slipway:secret.api.DB_PASSWORD"],
  );
  vi.resetModules();
  let error: Error | undefined;
  let outputs: Record<string, unknown> = {};
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      options.set(`${type} ${name}`, opts);
      return { props, opts };
    });
    outputs = await import("../../index.ts").catch((reason: Error) => {
      error = reason;
      return {};
    });
  });
  await pulumi.runtime.disconnect();
  return { declared: declared.filter(({ type }) => type.startsWith("kubernetes:")), error, outputs };
}

describe("a namespace that exists", () => {
  it("is not declared, so destroy leaves it, and what is in it is deleted piece by piece", async () => {
    const { declared, error, outputs } = await run(false, {});
    expect(error).toBeUndefined();
    expect(outputs.createsNamespace).toBe(false);
    expect(declared.map(({ type }) => type)).not.toContain(NAMESPACE);
    expect(declared.length).toBeGreaterThan(3);
    for (const { namespace, opts } of declared) {
      expect(namespace).toBe("shop");
      expect(opts.deletedWith).toBeUndefined();
    }
  });

  it("is deleted with all that is in it if the stack has created it", async () => {
    const { declared } = await run(true, {});
    const others = declared.filter(({ type }) => type !== NAMESPACE);
    expect(others).toHaveLength(declared.length - 1);
    for (const { opts } of others) expect(opts.deletedWith).toBeDefined();
  });

  it.each([
    ["was", { namespace: "shop", createsNamespace: true }],
    ["was, before that was recorded,", { namespace: "shop" }],
  ])("is refused if it %s created by the stack: the update would delete it", async (_, last) => {
    const { declared, error } = await run(false, last);
    expect(error?.message).toMatch(/createNamespace: false given; this stack created the namespace shop/);
    expect(declared).toEqual([]);
  });

  it("may be another one than the stack has created, or the same as before", async () => {
    expect((await run(false, { namespace: "other", createsNamespace: true })).error).toBeUndefined();
    expect((await run(false, { namespace: "shop", createsNamespace: false })).error).toBeUndefined();
  });
});
