import { expect, it } from "vitest";
import { traefik } from "../../../components/addons/traefik.ts";
import type { Environment } from "../../../config/index.ts";

const ingress = { nodePort: 30080, trustedRanges: ["10.0.0.0/16"] };
const environment = (min: number, given?: object) =>
  ({ cluster: { target: "eks", nodeGroup: { min } }, addons: { traefik: given } }) as unknown as Environment;

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
  const service = { type: "NodePort", nodePort: 31000 };
  expect(traefik.values(environment(2, { service }), undefined)).toEqual({ service });
});
