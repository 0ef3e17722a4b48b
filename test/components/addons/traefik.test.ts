import { expect, it } from "vitest";
import { traefik } from "../../../components/addons/traefik.ts";
import type { Environment } from "../../../config/index.ts";
import { addonsOf, eksClusterOf } from "../../config/settings.ts";

const ingress = { nodePort: 30080, trustedRanges: ["10.0.0.0/16"] };
type TraefikConfig = NonNullable<Parameters<typeof addonsOf>[0]>["traefik"];
const environment = (min: number, traefik?: TraefikConfig) =>
  ({ cluster: eksClusterOf({ min }), addons: addonsOf({ traefik }) }) as Environment;

it("listens on the node port of the load balancer and trusts what it says of the client", () => {
  expect(traefik.values(environment(2), ingress)).toEqual({
    service: { type: "NodePort", nodePort: 30080 },
    spread: "required",
    trustedIPs: ["10.0.0.0/16"],
  });
});

it("shares nodes only if there are more pods than nodes", () => {
  expect(traefik.values(environment(2, { replicas: 3 }), ingress)).toMatchObject({ spread: "preferred" });
  expect(traefik.values(environment(3, { replicas: 3 }), ingress)).toMatchObject({ spread: "required" });
});

it("is set up by the environment alone where no load balancer is declared", () => {
  const service = { type: "NodePort", nodePort: 31000 } as const;
  expect(traefik.values(environment(2, { service }), undefined)).toEqual({ service });
});
