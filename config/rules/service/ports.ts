import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Names that charts/service gives to ports itself. */
const RESERVED: Record<string, string> = {
  http: "the name of the main port, field port",
  tcp: "the name that the Service gives to the main port, field port",
  metrics: "the name of the port in the field metrics",
};

export function checkPorts(service: ParsedService, add: AddFault): void {
  const { port, ports = {}, servicePort, serviceAnnotations = {} } = service;
  if (port === undefined && servicePort !== undefined) {
    add(["servicePort"], "a service without port has no main port. Set port, or remove servicePort");
  }
  if (!isCalled(service) && !service.metrics && Object.keys(serviceAnnotations).length > 0) {
    add(["serviceAnnotations"], "a service without port has no Service. Set port, ports or metrics, or remove them");
  }
  for (const name of Object.keys(ports).filter((name) => Object.hasOwn(RESERVED, name))) {
    add(["ports", name], `${RESERVED[name]}. Use another name`);
  }
  const listened = port === undefined ? [] : [{ path: ["port"], name: "port", number: port }];
  reportRepeated([...listened, ...portsOf(service, ({ port }) => port)], "the container listens on", add);
  const called = mainServicePorts(service).map((number) => ({ path: ["servicePort"], name: "the main port", number }));
  const extra = portsOf(service, ({ port, servicePort = port }) => servicePort);
  reportRepeated([...called, ...extra, ...ownMetricsPort(service)], "of the Service", add);
}

/** Metrics have a port of their own, unless it is one that the container has anyway. */
function ownMetricsPort({ port, ports = {}, metrics }: ParsedService): NumberedPort[] {
  if (metrics === undefined) return [];
  const tcp = Object.values(ports).filter(({ protocol = "TCP" }) => protocol === "TCP");
  if ([port, ...tcp.map(({ port }) => port)].includes(metrics.port)) return [];
  return [{ path: ["metrics", "port"], name: "metrics.port", number: metrics.port }];
}

/** Whether other services or the ingress controller can call it. */
export function isCalled({ port, ports }: ParsedService): boolean {
  return port !== undefined || Object.keys(ports ?? {}).length > 0;
}

/** Numbers under which the Service has the main port: see charts/service/templates/_ports.tpl. */
function mainServicePorts({ port, servicePort, hosts, probes }: ParsedService): number[] {
  if (port === undefined) return [];
  if (servicePort !== undefined) return [servicePort];
  const isPlainTcp = (probes?.preset === "tcp" || probes?.preset === "exec") && !hosts?.length;
  return isPlainTcp && port !== 80 ? [port, 80] : [80];
}

interface NumberedPort {
  path: string[];
  /** In words. */
  name: string;
  number: number;
  protocol?: string | undefined;
}

type Port = NonNullable<ParsedService["ports"]>[string];

function portsOf({ ports = {} }: ParsedService, numberOf: (port: Port) => number): NumberedPort[] {
  return Object.entries(ports).map(([name, port]) => ({
    path: ["ports", name],
    name: `ports.${name}`,
    number: numberOf(port),
    protocol: port.protocol,
  }));
}

function reportRepeated(ports: readonly NumberedPort[], what: string, add: AddFault): void {
  const owners = new Map<string, string>();
  for (const { path, name, number, protocol = "TCP" } of ports) {
    const key = `${number}/${protocol}`;
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, name);
    else add(path, `port ${key} ${what} is taken by ${owner} already. Use another number`);
  }
}
