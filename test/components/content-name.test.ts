import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { contentName } from "../../components/content-name.ts";

const nameOf = (key: string, data: Record<string, string>) =>
  new Promise<string>((resolve) => contentName(pulumi.secret(key), "api", data).apply(resolve));

it("a name is the same for the same content, in any order, and another one for any other content", async () => {
  const name = await nameOf("k", { A: "1", B: "2" });
  expect(name).toMatch(/^api-[0-9a-f]{10}$/);
  expect(await nameOf("k", { B: "2", A: "1" })).toBe(name);
  expect(await nameOf("k", { A: "1", B: "3" })).not.toBe(name);
  expect(await nameOf("k", { A: "1B2" })).not.toBe(name);
});

it("a name says nothing of its content without the stack's key", async () => {
  expect(await nameOf("k", { A: "1" })).not.toBe(await nameOf("l", { A: "1" }));
});

it("a name is no secret, though its content may be", async () => {
  expect(await pulumi.isSecret(contentName(pulumi.secret("k"), "api", { A: pulumi.secret("1") }))).toBe(false);
});
