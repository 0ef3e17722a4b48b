import { isDeepStrictEqual } from "node:util";
import type { Route } from "./applications.ts";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";
import type { PortNames } from "./ports.ts";

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

interface Path {
  path: string;
  type: "Prefix" | "Exact";
  port: string | undefined;
}

/** Sets hosts, paths and what is said of them. */
export function putIngress(ports: PortNames, context: Context): void {
  const { application, draft, findings } = context;
  const byHost = new Map<string, { path: Path; route: Route }[]>();
  for (const route of application.routes) {
    const path = readPath(route, ports, context);
    if (path === undefined) continue;
    byHost.set(route.host, [...(byHost.get(route.host) ?? []), { path, route }]);
  }
  const [first] = byHost.values();
  const [example] = first ?? [];
  if (first === undefined || example === undefined) return;
  const paths = first.map(({ path }) => path);
  const hosts: string[] = [];
  for (const [host, routes] of byHost) {
    const isSame = isDeepStrictEqual(
      routes.map(({ path }) => path),
      paths,
    );
    if (isSame) hosts.push(host);
    else
      for (const { route } of routes)
        findings.add(
          "leftOut",
          route.fields.place("path"),
          `each path is under each host of a service, and ${host} has other paths than ${[...byHost.keys()][0]}. Make it a service of its own, or give both the same paths`,
          `${host}${route.fields.peek("path") ?? "/"}`,
        );
  }
  const place = example.route.fields.place();
  draft.put(["hosts"], hosts, place);
  putPaths(paths, place, context);
  putOptions(example.route.ingress, hosts, context);
}

function readPath({ fields, port }: Route, ports: PortNames, { findings }: Context): Path | undefined {
  const path = String(fields.peek("path") ?? "/");
  const isRegex = /[()|*[\]\\^$?+]/.test(path);
  if (isRegex) {
    findings.leaveOut(fields, "a path is no regular expression here: it is the path itself, or all below it");
    return undefined;
  }
  fields.take();
  const type = fields.peek("pathType") === "Exact" ? "Exact" : "Prefix";
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  return { path: type === "Exact" ? path : trimmed, type, port: ports.nameOf(port) };
}

function putPaths(paths: readonly Path[], place: ReturnType<Fields["place"]>, { draft }: Context): void {
  const [only] = paths;
  if (only && paths.length === 1 && only.type === "Prefix" && only.port === undefined) {
    if (only.path !== "/") draft.put(["path"], only.path, place);
    return;
  }
  const written = paths.map(({ path, type, port }) =>
    type === "Prefix" && port === undefined
      ? path
      : { path, ...(type === "Exact" && { type }), ...(port !== undefined && { port }) },
  );
  draft.put(["ingress", "paths"], written, place);
}

/** The class, its annotations and the certificate belong to the controller. Without its namespace, another controller serves the hosts. */
function putOptions(ingress: Fields, hosts: readonly string[], context: Context): void {
  const { draft, settings } = context;
  const annotations = ingress.at("metadata", "annotations");
  const annotated = annotations.peek(CLASS_ANNOTATION);
  const given = ingress.peek("spec", "ingressClassName") ?? annotated;
  const isKept = settings.ingressNamespace !== undefined && given !== undefined;
  const place = ingress.place("spec", "ingressClassName");
  if (isKept) {
    draft.put(["ingressClass"], String(given), place);
    draft.put(["ingressNamespace"], settings.ingressNamespace, place);
    ingress.take("spec", "ingressClassName");
    annotations.take(CLASS_ANNOTATION);
    for (const key of annotations.keys()) {
      if (!annotations.isRead(key))
        draft.put(["ingress", "annotations", key], annotations.text(key), annotations.place(key));
    }
    putCertificate(ingress, hosts, context);
  }
}

function putCertificate(ingress: Fields, hosts: readonly string[], { draft, findings }: Context): void {
  const covering = ingress.list("spec", "tls").filter((tls) => {
    const covered = tls.peek("hosts");
    return Array.isArray(covered) && hosts.some((host) => covered.includes(host));
  });
  const [first, ...others] = covering;
  if (first === undefined) return;
  const secretName = first.peek("secretName");
  first.take();
  const value = secretName === `${draft.name}-tls` ? true : typeof secretName === "string" ? { secretName } : true;
  draft.put(["ingress", "tls"], value, first.place());
  for (const other of others) {
    if (other.peek("secretName") === secretName) other.take();
    else findings.leaveOut(other, "all hosts of a service have one certificate. Make one Secret with all of them");
  }
}

/** What nobody has taken of an Ingress, once each. */
export function reportIngress(ingress: Fields, isKept: boolean, context: Pick<Context, "findings">): void {
  const { findings } = context;
  for (const rule of ingress.list("spec", "rules")) {
    if (rule.list("http", "paths").every((path) => path.isRead())) rule.take("host");
    if (rule.peek("host") === undefined) findings.leaveOut(rule, "a service has hosts by name. Write them into hosts");
  }
  if (isKept) return;
  const annotations = ingress.at("metadata", "annotations");
  const given = ingress.peek("spec", "ingressClassName") ?? annotations.peek(CLASS_ANNOTATION);
  const field =
    ingress.peek("spec", "ingressClassName") === undefined
      ? annotations.at(CLASS_ANNOTATION)
      : ingress.at("spec", "ingressClassName");
  if (given !== undefined) {
    findings.leaveOut(
      field,
      "the hosts are served by the controller of the stack: the Traefik add-on, or what ingress names. To keep this one, import again with --ingress-namespace <its namespace>",
    );
  }
  for (const key of annotations.keys()) {
    if (annotations.isRead(key)) continue;
    findings.leaveOut(
      annotations.at(key),
      "it is for the controller of before. Set what is needed in ingress, or in ingress.annotations",
    );
  }
  for (const tls of ingress.list("spec", "tls")) {
    if (tls.isRead()) continue;
    findings.leaveOut(
      tls,
      "the load balancer ends TLS on the target eks: loadBalancer.certificateArn. With a controller of your own: ingress.tls",
    );
  }
}
