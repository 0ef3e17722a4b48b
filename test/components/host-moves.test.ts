import { describe, expect, it } from "vitest";
import { callersOfRenamed, hostMoves, inOrder, takenByNewServices } from "../../components/host-moves.ts";
import { routesOf } from "../../config/routes.ts";

const service = (name: string, hosts: string[] = [], path = "/", renamedFrom?: string) => ({
  name,
  renamedFrom,
  routes: routesOf({ hosts, path }),
});

describe("a host that moves to another service", () => {
  const previous = { web: ["Prefix shop.example.com"], api: ["Prefix api.example.com"] };

  it("makes the service that gives it up wait for the one that takes it", () => {
    const services = [service("web"), service("api", ["api.example.com", "shop.example.com"])];
    expect(hostMoves(previous, services)).toEqual(new Map([["web", ["api"]]]));
  });

  it("needs no order if it stays, is new, or belonged to a service that is removed", () => {
    const services = [
      service("storefront", ["shop.example.com", "new.example.com"]),
      service("api", ["api.example.com"]),
    ];
    expect(hostMoves(previous, services)).toEqual(new Map());
  });

  it("is told from the same host with another path", () => {
    const services = [service("web", ["shop.example.com"], "/new"), service("api", ["shop.example.com"], "/")];
    expect(hostMoves(previous, services)).toEqual(new Map([["web", ["api"]]]));
    expect(hostMoves({ web: ["Prefix shop.example.com/old"] }, services)).toEqual(new Map());
  });

  it("is unknown in the first update", () => {
    expect(hostMoves({}, [service("web", ["shop.example.com"]), service("constructor")])).toEqual(new Map());
  });
});

it("a host that a new service takes is named, and one that moves between services that run is not", () => {
  const previous = { web: ["Prefix shop.example.com"], api: [] };
  const storefront = service("storefront", ["shop.example.com"]);
  expect(takenByNewServices(previous, [storefront])).toEqual(new Map([["storefront", ["web"]]]));
  expect(takenByNewServices(previous, [service("api", ["shop.example.com"])])).toEqual(new Map());
  expect(takenByNewServices(previous, [service("storefront", ["new.example.com"])])).toEqual(new Map());
  // It waits behind the one that it replaces, and behind no other one.
  const renamed = service("storefront", ["shop.example.com"], "/", "web");
  expect(takenByNewServices(previous, [renamed])).toEqual(new Map());
  const both = { ...previous, prices: ["Prefix prices.example.com"] };
  const twice = service("storefront", ["shop.example.com", "prices.example.com"], "/", "web");
  expect(takenByNewServices(both, [twice])).toEqual(new Map([["storefront", ["prices"]]]));
});

it("a service that calls a renamed one waits for it, and no other caller does", () => {
  const called = (name: string, allowFrom: (string | { namespace: string })[], renamedFrom?: string) => ({
    name,
    renamedFrom,
    chartFields: { network: { allowFrom } },
  });
  const services = [
    called("web", []),
    called("jobs", []),
    called("orders", ["jobs"]),
    called("storefront", ["web", "storefront", { namespace: "jobs" }], "catalog"),
  ];
  expect(callersOfRenamed(services)).toEqual(new Map([["web", ["storefront"]]]));
  expect(callersOfRenamed([{ name: "web", renamedFrom: "shop", chartFields: {} }])).toEqual(new Map());
});

describe("an order of services", () => {
  it("has each after those that it waits for", () => {
    const waitsFor = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
    ]);
    expect(inOrder(["a", "b", "c", "d"], waitsFor)).toEqual({ order: ["c", "d", "b", "a"], circular: [] });
  });

  it("does not exist for services that wait for each other", () => {
    const waitsFor = new Map([
      ["a", ["b"]],
      ["b", ["a"]],
    ]);
    expect(inOrder(["a", "b", "c"], waitsFor)).toEqual({ order: ["c"], circular: ["a", "b"] });
  });
});
