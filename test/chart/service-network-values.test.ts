import { expect, it } from "vitest";
import { refusal } from "./refusal.ts";
import { renderService, type Values } from "./render.ts";

it.each<[Values, RegExp]>([
  [{ network: { egress: { cidrs: ["10.0.0.0/8"] } } }, /network\.egress\.cidrs: 10\.0\.0\.0\/8 is open already/],
  [{ network: { egress: { cidrs: [{ cidr: "10.0.0.0/8" }] } } }, /cidrs: 10\.0\.0\.0\/8 is open already/],
  [{ port: undefined, servicePort: 80 }, /servicePort: 80 given without a port/],
  [{ port: undefined, serviceAnnotations: { a: "b" } }, /serviceAnnotations: given, but a service without port/],
  [{ ports: { http: { port: 9000 } } }, /ports\.http: the chart gives this name to a port of its own/],
  [{ ports: { admin: { port: 8080 } } }, /ports\.admin: port 8080\/TCP the container listens on is taken by http/],
  [{ ports: { admin: { port: 9000, servicePort: 80 } } }, /ports\.admin: port 80\/TCP of the Service is taken by http/],
  [{ ports: { "-a": { port: 9000 } } }, /invalid propertyName '-a'/],
  [{ ports: { "sixteen-letters-": { port: 9000 } } }, /maxLength: got 16, want 15/],
  [{ ports: { admin: { port: 9000, protocol: "SCTP" } } }, /at '\/ports\/admin\/protocol'/],
  [{ probes: { preset: "exec", command: ["/a"], port: 9000 } }, /probes\.port: only for the presets http, .* is exec/],
  [{ probes: { preset: "tcp", scheme: "HTTPS" } }, /probes\.scheme: only for the presets http, spring-actuator/],
  [{ probes: { preset: "grpc", headers: { Host: "a" } } }, /probes\.headers: only for the presets http/],
  [{ probes: { service: "shop.Orders" } }, /probes\.service: only for the presets grpc, and the preset is http/],
  [{ probes: { port: "admin" } }, /probes\.port: admin is no TCP port of the service\. It has http\./],
  [{ probes: { port: "dns" }, ports: { dns: { port: 53, protocol: "UDP" } } }, /probes\.port: dns is no TCP port/],
  [{ port: undefined, ports: { dns: { port: 53 } } }, /probes\.preset: none given for a service with a port/],
  [
    { metrics: { port: 1, from: "a", annotations: true }, podAnnotations: { "prometheus.io/port": "2" } },
    /podAnnotations: prometheus\.io\/port is set by metrics\.annotations/,
  ],
  [{ metrics: { port: 80, from: "a" } }, /ports\.metrics: port 80\/TCP of the Service is taken by http/],
  [{ metrics: { port: 9464 } }, /missing property 'from'/],
])("%o are refused, with what to do", async (values, message) => {
  expect(await refusal(values)).toMatch(message);
});

it.each<Values>([
  { network: { egress: { cidrs: ["169.254.169.254/32"] } } },
  { network: { egress: { internet: false, cidrs: ["10.0.0.0/8"] } } },
  { ports: { dns: { port: 53 }, "dns-udp": { port: 53, protocol: "UDP" } } },
  { ports: { "9p": { port: 564 } } },
  { port: undefined, ports: { dns: { port: 53 } }, probes: { preset: "tcp", port: "dns" } },
  { probes: { port: "admin" }, ports: { admin: { port: 9000 } } },
  { metrics: { port: 1, from: "a" }, podAnnotations: { "prometheus.io/port": "1" } },
])("%o are accepted", async (values) => {
  await expect(renderService(values)).resolves.not.toEqual([]);
});
