import { describe, expect, it } from "vitest";
import { priorityBehind, type Route, routerRule } from "../../config/traefik-priority.ts";

const at = (address: string, port = "http", type: Route["type"] = "Prefix"): Route => {
  const slash = address.indexOf("/");
  return { host: address.slice(0, slash), path: address.slice(slash), type, port };
};
const other = (address: string) => ({ ...at(address), service: "web" });
const natural = (address: string) => routerRule(at(address), true).length;
const behind = (own: Route[], first: Route[], others: ReturnType<typeof other>[] = [], strict = [true]) =>
  priorityBehind({ own, first: { routes: first }, others, strict });

// As Traefik's own tests have them: pkg/provider/kubernetes/ingress/kubernetes_test.go of v3.6.7.
it.each<[Route, boolean, string]>([
  [at("shop.localhost/"), true, "Host(`shop.localhost`) && PathPrefix(`/`)"],
  [at("shop.localhost/api"), false, "Host(`shop.localhost`) && PathPrefix(`/api`)"],
  [at("shop.localhost/api/"), true, "Host(`shop.localhost`) && (Path(`/api`) || PathPrefix(`/api/`))"],
  [at("shop.localhost/robots.txt", "http", "Exact"), true, "Host(`shop.localhost`) && Path(`/robots.txt`)"],
  [
    at("*.shop.com/"),
    true,
    String.raw`HostRegexp(${"`"}^[a-zA-Z0-9-]+\.shop\.com$${"`"}) && PathPrefix(${"`"}/${"`"})`,
  ],
])("Traefik's rule for %o, strict: %s", (route, isStrict, rule) => {
  expect(routerRule(route, isStrict)).toBe(rule);
});

describe("a priority behind another service's routes", () => {
  it("is one below the route that both have", () => {
    expect(behind([at("a.com/")], [at("a.com/")])).toEqual({ priority: natural("a.com/") - 1 });
  });

  it("is below the lowest of them", () => {
    const both = [at("a.com/"), at("much-much-longer.example.com/")];
    expect(behind(both, both)).toEqual({ priority: natural("a.com/") - 1 });
  });

  it("covers a path below one of them, which Traefik would prefer by itself", () => {
    expect(behind([at("a.com/api")], [at("a.com/")])).toEqual({ priority: natural("a.com/") - 1 });
  });

  it("follows the priority that they have been given", () => {
    const first = { routes: [at("a.com/")], priority: 20 };
    expect(priorityBehind({ own: [at("a.com/")], first, others: [], strict: [true] })).toEqual({ priority: 19 });
    const lowest = { ...first, priority: 1 };
    expect(priorityBehind({ own: [at("a.com/")], first: lowest, others: [], strict: [true] })).toHaveProperty("reason");
  });

  it.each<[string, Route[], Route[]]>([
    ["the hosts differ", [at("a.com/")], [at("b.com/")]],
    ["the paths differ", [at("a.com/a")], [at("a.com/b")]],
    ["a wildcard stands for one label", [at("x.y.a.com/")], [at("*.a.com/")]],
    ["Traefik prefers the others by itself", [at("a.com/")], [at("a.com/api")]],
  ])("is not needed if %s", (_, own, first) => expect(behind(own, first)).toBe("none"));

  it("covers a host that a wildcard stands for", () => {
    const wildcard = routerRule(at("*.a.com/"), true).length;
    const own = [at("much-longer-than-the-wildcard-is-in-a-rule.a.com/")];
    expect(behind(own, [at("*.a.com/")])).toEqual({ priority: wildcard - 1 });
  });

  it("leaves the order with a third service as it is", () => {
    // Their requests are for the third one now, and stay so: its path is more specific.
    expect(behind([at("a.com/")], [at("a.com/")], [other("a.com/api")])).toEqual({ priority: natural("a.com/") - 1 });
    // The new host has a short rule. The priority of the long one would hide the third service's path.
    const own = [at("a.com/"), at("much-much-longer.example.com/")];
    const answer = behind(own, [at("much-much-longer.example.com/")], [other("a.com/b")]);
    expect(answer).toEqual({ priority: natural("a.com/b") - 1 });
    // Less specific, and still below.
    expect(behind([at("a.com/api")], [at("a.com/api")], [other("a.com/")])).toHaveProperty("priority");
  });

  it("does not exist if a third service's rule is the next shorter one", () => {
    const own = [at("a.com/ab", "http", "Exact")];
    const answer = behind(own, own, [{ ...at("a.com/", "http"), service: "web" }]);
    expect(answer).toHaveProperty("priority");
    const plain = [at("a.com/a")];
    expect(behind(plain, plain, [other("a.com/")], [false])).toEqual({
      reason: "no priority is left above that of a.com/ of the service web",
    });
  });

  it("must hold whichever way a Traefik of one's own compares prefixes", () => {
    const own = [at("a.com/api")];
    const plain = routerRule(at("a.com/api"), false).length;
    expect(behind(own, own, [], [true, false])).toEqual({ priority: plain - 1 });
    // Element by element, /a alone has a longer rule than /api has otherwise.
    expect(behind(own, own, [other("a.com/a")], [true, false])).toHaveProperty("reason");
    expect(behind(own, own, [other("a.com/a")], [true])).toHaveProperty("priority");
  });

  it("does not exist for paths of its own that lead to different ports", () => {
    const own = [at("a.com/"), at("a.com/admin", "admin")];
    expect(behind(own, own)).toEqual({ reason: expect.stringContaining("different ports") });
    const same = [at("a.com/"), at("a.com/admin")];
    expect(behind(same, same)).toEqual({ priority: natural("a.com/") - 1 });
  });
});
