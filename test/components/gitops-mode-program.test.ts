import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
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

it.each([
  ["direct", gitops, { services }],
  ["direct", gitops, { services, deliveryMode: "direct" }],
  ["gitops", undefined, { services, deliveryMode: "gitops" }],
])("a stack that runs services with mode %s cannot get the other one", async (mode, delivery, last) => {
  const message = await refusal(delivery, last);
  expect(message).toMatch(/cannot change its delivery mode\. Nothing was changed\./);
  expect(message).toContain(`this stack runs api with mode: ${mode}, and would remove them. Set mode: ${mode} again`);
});

it.each([
  ["of before goes on", gitops, { services, deliveryMode: "gitops" }],
  ["of before goes on, whatever the state is too old to say", undefined, { services }],
  ["is free for a new stack", gitops, {}],
  ["is free for a stack without services", gitops, { services: {}, deliveryMode: "direct" }],
])("the mode %s", async (_, delivery, last) => {
  expect(await refusal(delivery, last)).toBeUndefined();
});
