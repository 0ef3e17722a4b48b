import { describe, expect, it } from "vitest";
import { environmentOf } from "../config-of.ts";
import { existing, faultsOfServices, service } from "../service-base.ts";

const hosts = ["shop.example.com"];
const storefront = { renamedFrom: "catalog", hosts };
const own = { addons: { traefik: { enabled: false } }, ingress: { class: "traefik", namespace: "traefik" } };
const nginx = { ...own, ingress: { class: "nginx", namespace: "ingress-nginx" } };

describe("renamedFrom", () => {
  it.each<[string, Record<string, object>, object?]>([
    ["a name that is no service", { storefront }],
    ["a service that this environment does not run", { storefront, catalog: { enabled: false } }],
    ["the name of a worker", { jobs: { renamedFrom: "sweeper", port: undefined } }],
    ["a name, without hosts, behind any ingress controller", { storefront: { renamedFrom: "catalog" } }, nginx],
    ["a name, with a Traefik of one's own", { storefront }, own],
    [
      "a name, with a certificate that stays",
      { storefront: { ...storefront, ingress: { tls: { secretName: "catalog-tls" } } } },
      own,
    ],
    ["a service that another stack still runs", { catalog: {}, storefront: { ...storefront, enabled: false } }],
  ])("may be %s", (_, services, environment) => expect(faultsOfServices(services, environment)).toEqual([]));

  it.each<[string, Record<string, object>, RegExp, object?]>([
    ["no name", { storefront: { renamedFrom: "Catalog" } }, /renamedFrom: "Catalog" given; .*lower-case/],
    ["the service itself", { storefront: { renamedFrom: "storefront" } }, /the name of the service itself/],
    ["a service that runs beside it", { storefront, catalog: {} }, /"catalog" given; is still a service/],
    [
      "replaced twice",
      { storefront, prices: { renamedFrom: "catalog" } },
      /services\.prices\.renamedFrom: .*the service storefront replaces it already/,
    ],
    [
      "given by a stateful service",
      { storefront: { renamedFrom: "catalog", kind: "stateful" } },
      /volumes .*carry its name/,
    ],
    [
      "given by a service that must never run twice",
      { storefront: { renamedFrom: "catalog", rollout: { strategy: "recreate" } } },
      /must never run twice.*Pause catalog first/,
    ],
    ["used with hosts behind nginx", { storefront }, /the ingress class is nginx.*two deploys/, nginx],
    [
      "used with the class of another controller",
      { storefront: { ...storefront, ingressClass: "alb", ingressNamespace: "kube-system" } },
      /the ingress class is alb/,
    ],
    [
      "used with a certificate of the new name",
      { storefront: { ...storefront, ingress: { tls: true } } },
      /ingress\.tls: true given; .*secretName: catalog-tls/,
      own,
    ],
  ])("may not be %s", (_, services, message, environment) => {
    expect(faultsOfServices(services, environment)).toEqual([expect.stringMatching(message)]);
  });

  it("is a service's own, and not a default of all", () => {
    expect(faultsOfServices({ web: {} }, { defaults: { renamedFrom: "shop" } })).toEqual([
      expect.stringContaining("defaults.renamedFrom"),
    ]);
  });

  it("is no value of the chart", () => {
    const [resolved] = environmentOf({ ...existing, services: { storefront: { ...service, ...storefront } } }).services;
    expect(resolved).toMatchObject({ name: "storefront", renamedFrom: "catalog" });
    expect(resolved?.chartFields).not.toHaveProperty("renamedFrom");
  });
});

describe("a value that calls the old name", () => {
  const withUrl = (SHOP: string) => faultsOfServices({ storefront, web: { config: { SHOP } } });

  it.each([
    "http://catalog",
    "http://catalog:8080/items",
    "http://catalog.shop/items",
    "https://catalog.shop.svc.cluster.local:443",
    "amqp://user@catalog?x=1",
    "catalog:50051",
  ])("is refused: %s", (value) => {
    expect(withUrl(value)).toEqual([
      expect.stringMatching(/services\.web\.config\.SHOP: .*calls catalog, which becomes storefront/),
    ]);
  });

  it.each([
    "catalog",
    "http://catalog.example.com",
    "http://catalogs",
    "http://my-catalog/",
    "http://storefront/catalog",
    "catalog:latest",
  ])("is not one: %s", (value) => expect(withUrl(value)).toEqual([]));
});
