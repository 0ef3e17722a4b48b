import { dotted } from "../../config/fault.ts";
import { CHART_VARIABLES } from "../../config/variables.ts";
import type { Context } from "./context.ts";
import type { Fields, Place } from "./fields.ts";
import { isSecretValue } from "./secret-values.ts";

/** Fields of a pod that the chart gives as variables. */
const POD_FIELDS: Record<string, string> = {
  "metadata.name": "POD_NAME",
  "spec.nodeName": "NODE_NAME",
  "status.podIP": "POD_IP",
  "status.hostIP": "HOST_IP",
};

/** Where a secret variable's value is. */
type Secret = { secret: string; key: string } | { own: true };

/** Variables of a container, as a service's fields have them. */
export interface Variables {
  config: Record<string, string>;
  /** Secret variables, by name. */
  secrets: Map<string, Secret>;
  /** Secrets of which each key is a variable. */
  wholeSecrets: Map<string, Place>;
  /** Variables that only the pod template can say. */
  patch: Record<string, unknown>[];
}

const ESCAPED = /(\$+)\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)/g;

/** A value that is no reference for Kubernetes, as `config` writes it. */
function literal(value: string): string {
  return value.replaceAll(ESCAPED, (_, dollars: string, name: string) => `${dollars}${dollars}(${name})`);
}

/** Dollars, and the name in brackets after them if there is one. */
const DOLLARS = /(\$+)(\(([A-Za-z_.-][A-Za-z0-9_.-]*)\))?/g;

/** A value of `env`. Kubernetes expands only names of variables before it, and takes $$ for one dollar. */
export function expanded(value: string, known: ReadonlySet<string>): string {
  return value.replaceAll(DOLLARS, (match, dollars: string, brackets?: string, name = "") => {
    if (brackets === undefined) return "$".repeat(Math.ceil(dollars.length / 2));
    const isReference = dollars.length % 2 === 1;
    return isReference && !known.has(name) ? `$${match}` : match;
  });
}

/** Reads env and envFrom. Values that look secret are not read: somebody sets them as secrets. */
export function readVariables(container: Fields, context: Context): Variables {
  const found: Variables = { config: {}, secrets: new Map(), wholeSecrets: new Map(), patch: [] };
  for (const source of container.list("envFrom")) readSource(source, found, context);
  for (const variable of container.list("env")) readVariable(variable, found, context);
  return found;
}

function readSource(source: Fields, found: Variables, context: Context): void {
  const { objects, findings } = context;
  const prefix = source.text("prefix") ?? "";
  const configMap = source.text("configMapRef", "name");
  const secret = source.text("secretRef", "name");
  checkOptional(source.at(configMap === undefined ? "secretRef" : "configMapRef"), context);
  if (configMap !== undefined) {
    const given = objects.configMap(configMap);
    if (given === undefined) {
      findings.add("leftOut", source.place(), missingConfigMap(configMap));
      return;
    }
    for (const [key, value] of Object.entries(given.data)) {
      const place = given.fields.place("data", key);
      setValue(`${prefix}${key}`, literal(value), place, found, context);
    }
    return;
  }
  if (secret === undefined) return;
  const given = objects.secretKeys(secret);
  if (given !== undefined) {
    for (const key of given.keys)
      ownSecret(`${prefix}${key}`, `data.${key} of Secret ${secret} (${given.file})`, found, context);
  } else if (prefix !== "") {
    findings.add(
      "leftOut",
      source.place(),
      `variables with a prefix need names: secretRefs: [{ secret: ${secret}, keys: { ${prefix}NAME: NAME } }]`,
    );
  } else found.wholeSecrets.set(secret, source.place());
}

function readVariable(variable: Fields, found: Variables, context: Context): void {
  const { objects, findings } = context;
  const name = variable.text("name") ?? "";
  const place = variable.place();
  const before = new Set([...Object.keys(found.config), ...found.secrets.keys(), ...CHART_VARIABLES]);
  // The later one wins.
  delete found.config[name];
  found.secrets.delete(name);
  const value = variable.peek("value");
  const from = variable.at("valueFrom");
  const podField = from.text("fieldRef", "fieldPath");
  from.take("fieldRef", "apiVersion");
  const configMap = from.text("configMapKeyRef", "name");
  const secret = from.text("secretKeyRef", "name");
  if (podField !== undefined) {
    const known = POD_FIELDS[podField];
    if (known === name) return;
    if (known !== undefined) found.config[name] = `$(${known})`;
    else found.patch.push({ name, valueFrom: from.take() });
  } else if (configMap !== undefined) {
    const key = from.text("configMapKeyRef", "key") ?? "";
    checkOptional(from.at("configMapKeyRef"), context);
    const given = objects.configMap(configMap);
    const text = given?.data[key];
    if (given === undefined || text === undefined) findings.add("leftOut", place, missingConfigMap(configMap, key));
    else setValue(name, literal(text), given.fields.place("data", key), found, context);
  } else if (secret !== undefined) {
    const key = from.text("secretKeyRef", "key") ?? "";
    checkOptional(from.at("secretKeyRef"), context);
    const given = objects.secretKeys(secret);
    if (given === undefined) found.secrets.set(name, { secret, key });
    else ownSecret(name, `data.${key} of Secret ${secret} (${given.file})`, found, context);
  } else if (from.peek() !== undefined) {
    found.patch.push({ name, valueFrom: from.take() });
  } else {
    variable.take("value");
    setValue(name, expanded(String(value ?? ""), before), place, found, context);
  }
}

function setValue(name: string, value: string, place: Place, found: Variables, context: Context): void {
  const { findings, draft } = context;
  found.secrets.delete(name);
  if (CHART_VARIABLES.includes(name)) {
    if (name === "PORT" && /^[0-9]+$/.test(value) && draft.get("port") === Number(value)) return;
    findings.add(
      "leftOut",
      place,
      `Slipway sets ${name} itself. If the process needs this value, give the variable another name`,
      value,
    );
    return;
  }
  if (isSecretValue(name, value)) {
    ownSecret(name, `${dotted(place.path)} of ${place.object} (${place.file})`, found, context);
    return;
  }
  found.config[name] = value;
}

function ownSecret(name: string, from: string, found: Variables, { draft, findings }: Context): void {
  delete found.config[name];
  found.secrets.set(name, { own: true });
  findings.secret(draft.name, name, from);
}

function checkOptional(reference: Fields, { findings }: Context): void {
  if (reference.take("optional") !== true) return;
  findings.check(reference.place("optional"), "what it refers to must exist: otherwise new pods do not start");
}

function missingConfigMap(name: string, key?: string): string {
  const what = key === undefined ? "its keys" : `its key ${key}`;
  return `the ConfigMap ${name} is not among the manifests. Name its file too, or write ${what} into config`;
}

/** Puts the variables of the service's own container into its fields. */
export function putVariables(container: Fields, context: Context): Variables {
  const { draft, patch } = context;
  const found = readVariables(container, context);
  const place = container.place("env");
  draft.put(["config"], found.config, place);
  const own = [...found.secrets].flatMap(([name, secret]) => ("own" in secret ? [name] : []));
  draft.put(["secrets"], own, place);
  const bySecret = new Map<string, Record<string, string>>();
  for (const [name, secret] of found.secrets) {
    if ("secret" in secret) bySecret.set(secret.secret, { ...bySecret.get(secret.secret), [name]: secret.key });
  }
  const refs = [
    ...[...found.wholeSecrets.keys()].map((secret) => ({ secret })),
    ...[...bySecret].map(([secret, keys]) => ({ secret, keys })),
  ];
  draft.put(["secretRefs"], refs, place);
  for (const { secret } of refs) {
    context.findings.check(
      place,
      `the Secret ${secret} must exist in the namespace of each stack. Or set its values as secrets of the service, in place of secretRefs`,
    );
  }
  if (found.patch.length > 0) patch.container.env = found.patch;
  return found;
}
