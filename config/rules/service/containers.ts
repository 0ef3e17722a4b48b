import type { Path } from "../../fault.ts";
import { nearest } from "../../nearest.ts";
import { keyedRefs } from "../../pod-settings.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import { CHART_VARIABLES } from "../../variables.ts";
import type { AddFault } from "./add-fault.ts";
import { checkUser } from "./image.ts";
import { OBJECT_BYTES, variableSizeFault } from "./variable-size.ts";
import { checkReferences } from "./variables.ts";

type Sidecar = NonNullable<ParsedService["sidecars"]>[string];
type Container = Omit<Sidecar, "port" | "probe"> & Partial<Pick<Sidecar, "port" | "probe">>;

const FIELDS = ["sidecars", "initContainers"] as const;

/** Faults of the containers beside the service's own. */
export function checkContainers(name: string, service: ParsedService, add: AddFault): void {
  const names = new Map([[name, "the service's own container"]]);
  const ports = ownPorts(service);
  checkConfigSize(service, add);
  for (const field of FIELDS) {
    for (const [key, container] of Object.entries<Container>(service[field] ?? {})) {
      const path = [field, key];
      const other = names.get(key);
      if (other !== undefined) add(path, `${other} has this name. Use another one`);
      names.set(key, `one of ${field}`);
      checkContainer(path, container, service, add);
      if (container.port === undefined) continue;
      const owner = ports.get(container.port);
      if (owner !== undefined)
        add([...path, "port"], `also ${owner}: the containers of a pod share its ports. Use another${IN_FRONT}`);
      ports.set(container.port, `that of ${field}.${key}`);
    }
  }
}

const IN_FRONT =
  ". For a proxy in front of the service, leave port of the sidecar out: it listens on the service's port, the service on another one, " +
  "and probes.port is that";

/** Ports of TCP on which the service's own container listens. The port of `metrics` may be that of a sidecar, an exporter. */
function ownPorts({ port, ports = {}, probes, metrics }: ParsedService): Map<number, string> {
  const tcp = Object.entries(ports).filter(([, { protocol = "TCP" }]) => protocol === "TCP");
  const probed = probes?.port === "metrics" ? metrics?.port : probes?.port;
  return new Map([
    ...(typeof probed === "number" ? [[probed, "probes.port, which asks the service"] as const] : []),
    ...tcp.map(([name, { port }]) => [port, `the service's own, ports.${name}`] as const),
    ...(port === undefined ? [] : [[port, "the service's own"] as const]),
  ]);
}

/** These variables are written into the pod template, and an object of Kubernetes has about as many bytes at most. */
function checkConfigSize({ sidecars = {}, initContainers = {} }: ParsedService, add: AddFault): void {
  const configs = Object.values({ ...sidecars, ...initContainers }).flatMap(({ config }) => Object.values(config));
  const bytes = configs.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  if (bytes <= OBJECT_BYTES) return;
  const message = `config of sidecars and initContainers has ${bytes} bytes together; a pod holds ${OBJECT_BYTES}. Keep what is large in files`;
  add([Object.keys(sidecars).length > 0 ? "sidecars" : "initContainers"], message);
}

function checkContainer(path: string[], container: Container, service: ParsedService, add: AddFault): void {
  const { image, config, user, probe, port } = container;
  for (const [name, value] of Object.entries(config)) {
    const size = variableSizeFault(name, Buffer.byteLength(value));
    if (size !== undefined) add([...path, "config", name], size);
    if (CHART_VARIABLES.includes(name)) add([...path, "config", name], "set by the chart itself. Use another name");
  }
  if (probe !== undefined && port === undefined) add([...path, "probe"], "needs a port. Set the container's port");
  if (image === undefined && service.image === undefined) checkUser([...path, "user"], user, add);
  if (image === undefined) checkOwnImage(path, container, service, add);
  else checkOtherImage(path, container, service, add);
}

function checkOwnImage(path: string[], container: Container, service: ParsedService, add: AddFault): void {
  for (const key of ["secrets", "secretFiles"] as const) {
    if (container[key].length > 0) add([...path, key], "with the service's own image it gets all of them. Remove it");
  }
  const refs = Object.keys(keyedRefs(service));
  checkReferences(
    {
      path: [...path, "config"],
      own: container.config,
      config: { ...service.config, ...container.config },
      secrets: [...service.secrets, ...refs],
      hasPort: (container.port ?? service.port) !== undefined,
    },
    add,
  );
}

function checkOtherImage(path: string[], container: Container, service: ParsedService, add: AddFault): void {
  const { config, secrets, secretFiles, port } = container;
  const given = [...service.secrets, ...Object.keys(keyedRefs(service))];
  checkPicked([...path, "secrets"], secrets, given, "a variable in secrets or secretRefs of the service", add);
  const paths = Object.keys(service.secretFiles ?? {});
  checkPicked([...path, "secretFiles"], secretFiles, paths, "a path in secretFiles of the service", add);
  for (const [index, name] of secrets.entries()) {
    if (Object.hasOwn(config, name))
      add([...path, "secrets", index], "also in config of this container. Remove one of them");
  }
  checkReferences({ path: [...path, "config"], own: config, config, secrets, hasPort: port !== undefined }, add);
}

function checkPicked(
  path: Path,
  picked: readonly string[],
  known: readonly string[],
  what: string,
  add: AddFault,
): void {
  for (const [index, name] of picked.entries()) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    add([...path, index], `not ${what}. ${meant ? `Did you mean ${meant}? ` : ""}It has ${known.join(", ") || "none"}`);
  }
}
