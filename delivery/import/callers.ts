import type { Draft } from "./draft.ts";
import type { Findings } from "./findings.ts";

/** Variables that hold the name of a host by itself. */
const HOST_VARIABLE = /(HOST|HOSTNAME|ADDR|ADDRESS|SERVER|ENDPOINT|URL|URI|SERVICE|UPSTREAM|BACKEND)S?$/i;

/**
 * Sets network.allowFrom: before, every pod of the cluster could call every other one, and now only those that are named can. Who calls
 * whom is read from variables, arguments and files.
 *
 * @param aliases names of Services by the service that they lead to
 */
export function putCallers(
  drafts: readonly Draft[],
  aliases: ReadonlyMap<string, readonly string[]>,
  findings: Findings,
): void {
  for (const called of drafts) {
    const { port, ports, hosts } = called.fields;
    if (port === undefined && ports === undefined) continue;
    const names = aliases.get(called.name) ?? [called.name];
    const callers = drafts.filter((caller) => caller !== called && names.some((name) => mentions(caller, name)));
    const found = callers.map(({ name }) => name).sort();
    const place = callers[0] ? called.placeOf(["port"]) : called.place;
    called.put(["network", "allowFrom"], found, place);
    const [who, nobody] = Array.isArray(hosts) ? ["besides the ingress controller ", "nobody else"] : ["", "nobody"];
    const said =
      found.length === 0
        ? `${nobody} may call ${called.name}`
        : `${who}only ${found.join(", ")} may call ${called.name}`;
    findings.check(
      called.place,
      `${said}: network.allowFrom has what variables, arguments and files of other services name. Add who else calls it, from other namespaces too`,
    );
  }
}

/** Whether a service names a host: in a URL, with a port, as a name of the cluster, or as the whole of a variable for it. */
function mentions(caller: Draft, host: string): boolean {
  const name = host.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const inText = new RegExp(
    `(?:^|[/@,;\\s"'=(\\[])${name}(?:(?:\\.[a-z0-9-]+)*:[0-9]+|\\.[a-z0-9-]+\\.svc\\b|(?=\\.[a-z0-9-]+(?:[/:\\s"',]|$)))|(?:://|@)${name}(?![a-z0-9-])`,
  );
  const texts: string[] = [];
  collectTexts(caller.fields, texts);
  if (texts.some((text) => inText.test(text))) return true;
  const config = (caller.fields.config ?? {}) as Record<string, string>;
  return Object.entries(config).some(([variable, value]) => value === host && HOST_VARIABLE.test(variable));
}

/** The texts that a process reads. Names of images and hosts of the service's own are none. */
const READ = ["config", "args", "command", "files", "sidecars", "initContainers"];

function collectTexts(fields: Record<string, unknown>, texts: string[]): void {
  const walk = (value: unknown, key: string) => {
    if (key === "image") return;
    if (typeof value === "string") texts.push(value);
    else if (typeof value === "object" && value !== null)
      for (const [inner, item] of Object.entries(value)) walk(item, inner);
  };
  for (const key of READ) walk(fields[key], key);
}
