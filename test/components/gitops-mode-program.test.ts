import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { registryOf, serve } from "./images/registry-server.ts";

let address: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ address, close } = await serve(registryOf({})));
});
afterAll(() => close());

const services = { api: { release: "v1" } };
const gitops = { mode: "gitops", gitops: { repository: "https://git.example.com/manifests.git" } };

/** Previews the program after an update with these outputs. @returns why it was refused */
async function refusal(delivery: object | undefined, last: Record<string, unknown>): Promise<string | undefined> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
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
  const off = { enabled: false };
  pulumi.runtime.setAllConfig({
    "slipway:release": "v1.2.3",
    "slipway:environment": JSON.stringify({
      cluster: { target: "existing", context: "here" },
      images: { repository: `${address}/shop` },
      addons: { traefik: off, metricsServer: off },
      ...(delivery && { delivery }),
      services: { web: off, orders: off, worker: off, api: off },
    }),
  });
  vi.resetModules();
  let message: string | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    await import("../../index.ts").catch((error: Error) => {
      message = error.message;
    });
  });
  await pulumi.runtime.disconnect();
  return message;
}

describe("a commit without the cluster", () => {
  beforeEach(() => {
    process.env.SLIPWAY_MANIFESTS = "/nonexistent";
    return () => delete process.env.SLIPWAY_MANIFESTS;
  });

  it.each([
    ["says nothing of its mode", { services }],
    ["has mode direct", { services, deliveryMode: "direct" }],
  ])("is refused while Helm has the services, and the state %s", async (_, last) => {
    const message = await refusal(gitops, last);
    expect(message).toMatch(/Argo CD does not have the services yet\. Nothing was changed\./);
    expect(message).toMatch(/first run pulumi up --stack test .*Then deploy/is);
  });

  it.each([
    ["Argo CD has the services", { services, deliveryMode: "gitops" }],
    ["nothing runs yet", {}],
    ["no services run", { services: {}, deliveryMode: "direct" }],
  ])("goes on if %s", async (_, last) => {
    expect(await refusal(gitops, last)).toBeUndefined();
  });
});

it.each([
  ["to gitops", gitops, { services, deliveryMode: "direct" }],
  ["to direct", undefined, { services, deliveryMode: "gitops" }],
])("an update of the whole stack may change the mode %s", async (_, delivery, last) => {
  expect(await refusal(delivery, last)).toBeUndefined();
});
