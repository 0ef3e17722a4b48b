import { describe, expect, it } from "vitest";
import { imageTag, publicUrl, releaseOf, stackFileOf, stackOfFile } from "../../config/naming.ts";

it("a stack and its file name each other", () => {
  expect(stackOfFile(stackFileOf("dev").replace("stacks/", ""))).toBe("dev");
  expect(stackOfFile("services.yaml")).toBeUndefined();
});

it("a service's own tag comes before the stack's release", () => {
  expect(imageTag({ name: "api", release: releaseOf(undefined, "v1") })).toBe("api-v1");
  expect(imageTag({ name: "api", release: releaseOf("v2", "v1") })).toBe("api-v2");
});

describe("a public URL", () => {
  it("has a port and a path only if they are not the default", () => {
    expect(publicUrl("shop.example.com", "/", { scheme: "https" })).toBe("https://shop.example.com");
    expect(publicUrl("shop.localhost", "/api", { scheme: "http", port: 30080 })).toBe(
      "http://shop.localhost:30080/api",
    );
  });
});
