import { describe, expect, it } from "vitest";
import { imageTag, publicUrl, releaseOf, stackFileOf, stackOfFile, urlFormOf } from "../../config/naming.ts";

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

  it("is HTTPS's with a certificate, on HTTPS's own port where the environment's is for HTTP", () => {
    const http = { scheme: "http", port: 30080 } as const;
    const https = { scheme: "https", port: 8443 } as const;
    expect([urlFormOf(true, http), urlFormOf(false, http)]).toEqual([{ scheme: "https" }, http]);
    expect([urlFormOf(true, https), urlFormOf(false, https)]).toEqual([https, https]);
  });
});
