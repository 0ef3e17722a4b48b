import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { Failure, reasonOf } from "../../delivery/failure.ts";

describe("reasonOf", () => {
  it("is the first line without its full stop", () => {
    expect(reasonOf(new Error("\n  The bucket is gone.\n  at somewhere\n"))).toBe("The bucket is gone");
    expect(reasonOf(new Failure("It is on another commit already."))).toBe("It is on another commit already");
  });

  it("is the innermost cause", () => {
    const cause = new Error("certificate has expired");
    expect(reasonOf(new TypeError("fetch failed", { cause: new Error("request failed", { cause }) }))).toBe(
      "certificate has expired",
    );
    expect(reasonOf(Object.assign(new Error("A request error occurred: x"), { original: cause }))).toBe(
      "certificate has expired",
    );
    expect(reasonOf(new AggregateError([cause, new Error("the other address")], ""))).toBe("certificate has expired");
  });

  it("is the code of a refused connection", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const { port } = server.address() as { port: number };
    await new Promise((closed) => server.close(closed));
    const error = await fetch(`http://localhost:${port}`).catch((error: unknown) => error);
    expect(reasonOf(error)).toBe("ECONNREFUSED");
  });

  it("is the message if the code says less", () => {
    expect(reasonOf(Object.assign(new Error("Invalid URL"), { code: "ERR_INVALID_URL" }))).toBe("Invalid URL");
    expect(reasonOf(Object.assign(new Error("Bad credentials"), { code: 401, status: 401 }))).toBe("Bad credentials");
  });

  it("is the outer message if the inner one is empty", () => {
    expect(reasonOf(new Error("fetch failed", { cause: new Error("") }))).toBe("fetch failed");
  });

  it("accepts any thrown value", () => {
    expect(reasonOf("no luck")).toBe("no luck");
    expect(reasonOf(undefined)).toBe("undefined");
    expect(reasonOf(new Error(""))).toBe("");
  });
});
