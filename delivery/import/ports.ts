import { isHeadless } from "./applications.ts";
import type { Context } from "./context.ts";
import type { Fields, Place } from "./fields.ts";

/** A port of the service's own container. */
interface Port {
  number: number;
  protocol: string;
  name: string | undefined;
  place: Place;
  service?: { number: number; name: string | undefined; appProtocol: string | undefined };
}

/** Names that charts/service uses itself. */
const RESERVED = ["http", "tcp", "metrics"];

/** How the names and numbers of ports, in the container and in its Services, became names in `ports`. */
export interface PortNames {
  /** Number of a container's port, by its name or number. */
  numberOf(port: unknown): number | undefined;
  /** Name in `ports` that a port of a Service leads to; undefined for the main port. */
  nameOf(servicePort: string | number | undefined): string | undefined;
}

/** Sets port, ports and servicePort. Without a Service nobody calls the container, so it is without ports. */
export function putPorts(container: Fields, context: Context): PortNames {
  const { application, draft, findings } = context;
  const ports: Port[] = container.list("ports").map((fields) => ({
    number: Number(fields.take("containerPort")),
    protocol: fields.text("protocol") ?? "TCP",
    name: fields.text("name"),
    place: fields.place(),
  }));
  const numberOf = (port: unknown) =>
    typeof port === "number" ? port : (ports.find(({ name }) => name === port)?.number ?? digits(port));
  const callable = application.services.filter((service) => !isHeadless(service) || application.services.length === 1);
  for (const service of application.services) readService(service, context);
  for (const service of callable.slice(0, 1)) addServicePorts(service, ports, numberOf, context);
  for (const service of callable.slice(1)) {
    const advice = `a service has one Service, called ${draft.name}. Callers of ${service.name} must call ${draft.name}, or keep this Service with the labels of the new pods`;
    findings.add("leftOut", { ...service.place(), path: [] }, advice);
  }
  const main = mainPort(ports, context);
  if (main === undefined) return { numberOf, nameOf: () => undefined };
  draft.put(["port"], main.number, main.place);
  // Without it, the preset tcp or exec would call the port by its own number as well.
  const isPlainHttp = container.peek("readinessProbe", "httpGet") !== undefined;
  if (main.service !== undefined && (main.service.number !== 80 || !isPlainHttp)) {
    draft.put(["servicePort"], main.service.number, main.place);
  }
  const names = putOthers(
    ports.filter((port) => port !== main),
    context,
  );
  const led = (port: string | number | undefined) => {
    const found = ports.find(({ service }) => service && (service.number === port || service.name === port));
    return found === undefined || found === main ? undefined : names.get(found);
  };
  return { numberOf, nameOf: led };
}

function readService(service: Fields, { draft }: Context): void {
  service.take("spec", "selector");
  if (isHeadless(service)) return;
  // The API server assigns it.
  if (service.peek("spec", "type") !== "ExternalName") service.take("spec", "clusterIP");
  const annotations = service.at("metadata", "annotations");
  for (const key of annotations.keys()) {
    if (!annotations.isRead(key)) draft.put(["serviceAnnotations", key], annotations.text(key), annotations.place(key));
  }
}

function addServicePorts(
  service: Fields,
  ports: Port[],
  numberOf: (port: unknown) => number | undefined,
  { findings }: Context,
): void {
  for (const fields of service.list("spec", "ports")) {
    const number = Number(fields.take("port"));
    const target = fields.take("targetPort") ?? number;
    const protocol = fields.text("protocol") ?? "TCP";
    const led = { number, name: fields.text("name"), appProtocol: fields.text("appProtocol") };
    const listened = numberOf(target);
    if (listened === undefined) {
      findings.add(
        "leftOut",
        fields.place("targetPort"),
        "the container has no port of this name. Give it one, and import again",
        target,
      );
      continue;
    }
    const known = ports.find((port) => port.number === listened && port.protocol === protocol);
    if (known?.service !== undefined) {
      const advice = `one port of the container has one port of the Service, which is ${known.service.number}. Callers must use that`;
      findings.add("leftOut", fields.place("port"), advice, number);
    } else if (known !== undefined) known.service = led;
    else ports.push({ number: listened, protocol, name: led.name, place: fields.place(), service: led });
  }
}

/** The port that hosts lead to, else the one called http or web, else the first of the Service. */
function mainPort(ports: readonly Port[], { application, draft, findings }: Context): Port | undefined {
  const called = ports.filter(({ service, protocol }) => service !== undefined && protocol === "TCP");
  const routed = application.routes[0]?.port;
  const main =
    called.find(({ service }) => routed !== undefined && (service?.number === routed || service?.name === routed)) ??
    called.find(({ name, service }) => /^(http|web)$/.test(name ?? "") || /^(http|web)$/.test(service?.name ?? "")) ??
    called[0];
  if (main === undefined && ports.length > 0) {
    const numbers = ports.map(({ number }) => number).join(", ");
    const [first] = ports;
    if (first && application.workload.kind !== "CronJob") {
      findings.check(
        first.place,
        `no Service leads to it, so ${draft.name} has no port. If others call it on ${numbers}, set port`,
      );
    }
  }
  return main;
}

function putOthers(others: readonly Port[], { draft, findings }: Context): Map<Port, string> {
  const names = new Map<Port, string>();
  for (const port of others) {
    const wanted = port.service?.name ?? port.name ?? `port-${port.number}`;
    const free = !RESERVED.includes(wanted) && ![...names.values()].includes(wanted);
    const name = free ? wanted : `${wanted.slice(0, 9)}-${port.number}`;
    names.set(port, name);
    if (name !== wanted) findings.check(port.place, `its name is now ${name}: ${wanted} is taken`, wanted);
    const { service } = port;
    const fields = {
      port: port.number,
      ...(port.protocol !== "TCP" && { protocol: port.protocol }),
      ...(service && service.number !== port.number && { servicePort: service.number }),
      ...(service?.appProtocol !== undefined && { appProtocol: service.appProtocol }),
    };
    draft.put(["ports", name], fields, port.place);
  }
  return names;
}

function digits(value: unknown): number | undefined {
  return typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : undefined;
}
