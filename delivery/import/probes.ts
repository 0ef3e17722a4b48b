import { isDeepStrictEqual } from "node:util";
import { CHART_DEFAULTS } from "../../config/defaults.ts";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";
import type { PortNames } from "./ports.ts";
import { isSecretValue } from "./secret-values.ts";

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes */
const KUBERNETES = { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
/** Of charts/service, which are written only if another value is wanted. */
const CHART = { periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 } as const;

type Target = { port?: number; scheme?: string; headers?: Record<string, string>; service?: string };
type Probe = { target: Target } & Record<keyof typeof KUBERNETES, number> &
  ({ preset: "http"; path: string } | { preset: "exec"; command: string[] } | { preset: "tcp" | "grpc" });

const ACTUATOR = { path: "/actuator/health/readiness", livenessPath: "/actuator/health/liveness" };

/** Sets probes: how readiness and liveness are checked, how often, and how long a start may take. */
export function putProbes(container: Fields, ports: PortNames, context: Context): void {
  const { draft, findings } = context;
  const [readiness, liveness, startup] = (["readinessProbe", "livenessProbe", "startupProbe"] as const).map((name) =>
    readProbe(container.at(name), ports, context),
  );
  const place = container.place("readinessProbe");
  const checked = readiness ?? liveness;
  if (checked === undefined) {
    if (draft.get("port") === undefined) return;
    draft.put(["probes"], { preset: "tcp" }, place);
    findings.check(
      place,
      "there is no probe, so a pod is ready when its port accepts a connection. Set probes if it has a better check",
    );
    return;
  }
  if (readiness === undefined) {
    findings.check(place, "there is none, so the check of livenessProbe says when a pod is ready too");
  }
  const probes = {
    ...handler(checked),
    ...livenessOf(checked, readiness && liveness, context, container),
    ...paceOf(checked),
  };
  draft.put(["probes"], withActuator(probes), place);
  putStart(container, liveness, startup, context);
}

function readProbe(fields: Fields, ports: PortNames, context: Context): Probe | undefined {
  if (fields.peek() === undefined) return undefined;
  const pace = Object.fromEntries(
    Object.entries(KUBERNETES).map(([name, value]) => [name, fields.number(name) ?? value]),
  ) as typeof KUBERNETES;
  if (fields.peek("successThreshold") === 1) fields.take("successThreshold");
  const main = context.draft.get("port");
  const portOf = (kind: string): Target => {
    const number = ports.numberOf(fields.take(kind, "port"));
    return number === undefined || number === main ? {} : { port: number };
  };
  if (fields.peek("httpGet") !== undefined) {
    const scheme = fields.text("httpGet", "scheme");
    const headers = headersOf(fields, context);
    const target = { ...portOf("httpGet"), ...(scheme === "HTTPS" && { scheme }), ...(headers && { headers }) };
    return { preset: "http", path: fields.text("httpGet", "path") ?? "/", target, ...pace };
  }
  if (fields.peek("grpc") !== undefined) {
    const service = fields.text("grpc", "service");
    return { preset: "grpc", target: { ...portOf("grpc"), ...(service && { service }) }, ...pace };
  }
  if (fields.peek("tcpSocket") !== undefined) return { preset: "tcp", target: portOf("tcpSocket"), ...pace };
  const command = fields.take("exec", "command");
  return { preset: "exec", command: Array.isArray(command) ? command.map(String) : [], target: {}, ...pace };
}

function headersOf(fields: Fields, { findings }: Context): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const header of fields.list("httpGet", "httpHeaders")) {
    const name = String(header.peek("name"));
    const value = String(header.peek("value"));
    if (isSecretValue(name.replaceAll("-", "_"), value)) {
      findings.leaveOut(header, "it looks like a secret. Let the path answer without it", { isSecret: true });
      continue;
    }
    header.take();
    headers[name] = value;
  }
  return Object.keys(headers).length > 0 ? headers : undefined;
}

function handler(probe: Probe): Record<string, unknown> {
  const { preset, target } = probe;
  if (preset === "exec") return { preset, command: probe.command };
  return { ...(preset !== "http" && { preset }), ...(preset === "http" && { path: probe.path }), ...target };
}

/** The chart's liveness check asks in the same way as its readiness check, or whether the port accepts a connection. */
function livenessOf(readiness: Probe, liveness: Probe | undefined, { findings }: Context, container: Fields): object {
  const place = container.place("livenessProbe");
  if (liveness === undefined) return {};
  const isSamePace =
    liveness.periodSeconds === readiness.periodSeconds &&
    liveness.timeoutSeconds === readiness.timeoutSeconds &&
    [1, 2].includes(liveness.failureThreshold / readiness.failureThreshold);
  if (!isSamePace) {
    const seconds = readiness.periodSeconds * 2 * readiness.failureThreshold;
    findings.check(
      place,
      `it has the pace of readinessProbe now and twice its failureThreshold: a container is restarted after ${seconds} s of failed checks`,
    );
  }
  if (
    liveness.preset === "tcp" &&
    readiness.preset !== "exec" &&
    isDeepStrictEqual(liveness.target.port, readiness.target.port)
  )
    return {};
  if (liveness.preset === readiness.preset && isDeepStrictEqual(liveness.target, readiness.target)) {
    if (liveness.preset === "http") return { livenessPath: liveness.path };
    if (liveness.preset === "exec") return { livenessCommand: liveness.command };
    if (liveness.preset === "tcp") return {};
  }
  const instead =
    readiness.preset === "exec"
      ? "there is no liveness check now"
      : "liveness asks whether the port accepts a connection now";
  findings.add(
    "leftOut",
    place,
    `it asks in another way, or another port, than readinessProbe. Instead ${instead}. To keep it: patch`,
  );
  return {};
}

/** What the manifest leaves out is Kubernetes' own default, and is written where the chart's differs. */
function paceOf(probe: Probe): object {
  const given = Object.entries(CHART).filter(([name, value]) => probe[name as keyof typeof CHART] !== value);
  return Object.fromEntries(given.map(([name]) => [name, probe[name as keyof typeof CHART]]));
}

function withActuator({ path, livenessPath, ...probes }: Record<string, unknown>): Record<string, unknown> {
  if (path === ACTUATOR.path && livenessPath === ACTUATOR.livenessPath) return { preset: "spring-actuator", ...probes };
  return { ...(path !== undefined && { path }), ...(livenessPath !== undefined && { livenessPath }), ...probes };
}

/** How long a start may take before the container is restarted. */
function putStart(container: Fields, liveness: Probe | undefined, startup: Probe | undefined, context: Context): void {
  const { draft } = context;
  const last = startup ?? liveness;
  if (last === undefined) return;
  const seconds = last.initialDelaySeconds + last.periodSeconds * last.failureThreshold;
  const place = container.place(startup === undefined ? "livenessProbe" : "startupProbe");
  // Without a startupProbe the time was the liveness check's. A shorter one than the chart's would only make starts fail.
  if (startup === undefined && seconds <= CHART_DEFAULTS.probes.startupSeconds) return;
  if (seconds !== CHART_DEFAULTS.probes.startupSeconds) draft.put(["probes", "startupSeconds"], seconds, place);
}
