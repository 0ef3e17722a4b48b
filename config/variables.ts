/** Environment variables that the chart sets in every container of a service. */
export const CHART_VARIABLES = ["PORT", "RELEASE", "POD_NAME", "NODE_NAME", "POD_IP", "HOST_IP"];

/**
 * A variable that the chart writes into the container's `env`: a text in which $(NAME) stands for another variable, or the value
 * of a key of the same name in the service's ConfigMap or Secret, or a key of a Secret that exists.
 */
export type EnvVariable =
  | { name: string; value: string }
  | { name: string; from: "config" | "secret" }
  | { name: string; secret: string; key: string };

/**
 * $(NAME), with the dollars before it. As in Kubernetes two of them stand for one: $$(NAME) is the text $(NAME), $$$(NAME) is a
 * dollar and the value of NAME. Other dollars, such as those of $(date +%s), mean nothing.
 */
const REFERENCE = /(\$+)\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)/g;

/** Names of the variables that a value contains. */
export function namesIn(value: string): string[] {
  return [...value.matchAll(REFERENCE)].flatMap(([, dollars = "", name = ""]) =>
    dollars.length % 2 === 1 ? [name] : [],
  );
}

/** A value without references, as the process reads it. */
export function plainText(value: string): string {
  return value.replaceAll(REFERENCE, (_, dollars: string, name: string) => `${half(dollars)}(${name})`);
}

/** A value as Kubernetes must read it in `env`: there every two dollars are one, not only those before a name. */
export function envText(value: string): string {
  let text = "";
  let end = 0;
  for (const { 0: match, 1: dollars = "", 2: name, index } of value.matchAll(REFERENCE)) {
    const isName = dollars.length % 2 === 1;
    text += doubled(value.slice(end, index) + half(dollars)) + (isName ? `$(${name})` : `(${name})`);
    end = index + match.length;
  }
  return text + doubled(value.slice(end));
}

function half(dollars: string): string {
  return "$".repeat(Math.floor(dollars.length / 2));
}

function doubled(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** What a container's variables are made of. The rules refuse what is missing, and circles. */
export interface VariableSources {
  /** In the service's ConfigMap. */
  config: Record<string, string>;
  /** Names of variables in the service's Secret. */
  secrets: readonly string[];
  /** Keys of Secrets that exist, by the variable's name. */
  refs: Record<string, SecretKey>;
  /** Written into `env` as text, over those of the ConfigMap. */
  own: Record<string, string>;
}

/** A key of a Secret that exists in the namespace. */
export interface SecretKey {
  secret: string;
  key: string;
}

/**
 * A container's `env`: what is its own, what contains $(NAME), and before these the variables that they name. Kubernetes expands
 * $(NAME) only in `env`, only by variables before it, and never in or by what comes from envFrom:
 * https://github.com/kubernetes/kubernetes/issues/69113
 *
 * @param picked variables that `env` needs whether or not another one names them.
 */
export function arrangeVariables(
  { config, secrets, refs, own }: VariableSources,
  picked: readonly string[],
): EnvVariable[] {
  const texts = new Map(Object.entries({ ...config, ...own }));
  const keys = new Map(Object.entries(refs));
  const arranged = new Map<string, EnvVariable>();
  // The rules resolve a service before they know that it has no circle.
  const seen = new Set<string>();
  const add = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = texts.get(name);
    const key = keys.get(name);
    if (text !== undefined) {
      const names = namesIn(text);
      names.forEach(add);
      const isText = names.length > 0 || Object.hasOwn(own, name);
      arranged.set(name, isText ? { name, value: envText(text) } : { name, from: "config" });
    } else if (key !== undefined) arranged.set(name, { name, ...key });
    // Any other name is of a variable that the chart writes before these.
    else if (secrets.includes(name)) arranged.set(name, { name, from: "secret" });
  };
  picked.forEach(add);
  for (const [name, text] of texts) if (Object.hasOwn(own, name) || namesIn(text).length > 0) add(name);
  return [...arranged.values()];
}

/** Data of the service's ConfigMap: the variables without $(NAME). */
export function configData(config: Record<string, string>): Record<string, string> {
  const plain = Object.entries(config).filter(([, value]) => namesIn(value).length === 0);
  return Object.fromEntries(plain.map(([name, value]) => [name, plainText(value)]));
}

/** A variable that contains itself, by way of others: the names in a circle. Undefined if there is none from here. */
export function cycleFrom(name: string, config: Record<string, string>, trail: string[] = []): string[] | undefined {
  if (trail.includes(name)) return name === trail[0] ? [...trail, name] : undefined;
  if (!Object.hasOwn(config, name)) return undefined;
  for (const next of namesIn(config[name] ?? "")) {
    const cycle = cycleFrom(next, config, [...trail, name]);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
