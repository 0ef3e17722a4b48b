import { mapAt, type PlainMap, type PropertyMap, stringAt, toPlainMap, unwrap, type Value } from "../protocol/value.ts";

/** Default of `timeout`, in seconds. */
const DEFAULT_TIMEOUT_SECONDS = 300;

/** The inputs of a Release and what each is when not given, as the official plugin records it. */
const FIELDS: Readonly<Record<string, Value | undefined>> = {
  allowNullValues: false,
  atomic: false,
  chart: "",
  cleanupOnFail: false,
  createNamespace: false,
  dependencyUpdate: false,
  description: "",
  devel: false,
  disableCRDHooks: false,
  disableOpenapiValidation: false,
  disableWebhooks: false,
  forceUpdate: false,
  keyring: "",
  lint: false,
  maxHistory: undefined,
  name: "",
  namespace: "",
  postrender: "",
  recreatePods: false,
  renderSubchartNotes: false,
  replace: false,
  repositoryOpts: undefined,
  resetValues: false,
  reuseValues: false,
  skipAwait: false,
  skipCrds: false,
  takeOwnership: undefined,
  timeout: 0,
  values: {},
  verify: false,
  version: "",
  waitForJobs: false,
};

/** Inputs that the SDK adds, or that are outputs only, and that mean nothing to Helm. */
const DROPPED = ["compat", "manifest", "resourceNames", "status"];

/** The inputs with every default filled in. @throws on an input that is not served. */
export function releaseInputs(news: PropertyMap, defaultNamespace: string): PropertyMap {
  for (const [key, value] of Object.entries(news)) {
    if (key in FIELDS || DROPPED.includes(key) || value === null) continue;
    throw new Error(
      `the stand-in for Release does not serve "${key}" (served: ${Object.keys(FIELDS).join(", ")}); ` +
        "give the values inline, or use the official plugin",
    );
  }
  const inputs: PropertyMap = {};
  for (const [key, absent] of Object.entries(FIELDS)) {
    const value = news[key] ?? absent;
    if (value !== undefined) inputs[key] = value;
  }
  if (inputs.namespace === "") inputs.namespace = defaultNamespace;
  if (news.timeout === undefined && inputs.skipAwait === false) inputs.timeout = DEFAULT_TIMEOUT_SECONDS;
  return inputs;
}

/** A Release's inputs as Helm needs them, all known, secrets opened. */
export interface ReleaseSpec {
  name: string;
  namespace: string;
  chart: string;
  version: string;
  values: PlainMap;
  timeoutSeconds: number;
  wait: boolean;
  flag(field: string): boolean;
  text(field: string): string | undefined;
  maxHistory: number;
  repository: { repo?: string; caFile?: string; certFile?: string; keyFile?: string };
}

export function releaseSpec(inputs: PropertyMap): ReleaseSpec {
  const flag = (field: string): boolean => unwrap(inputs[field]) === true;
  const text = (field: string): string | undefined => stringAt(inputs, field);
  const timeout = unwrap(inputs.timeout);
  const maxHistory = unwrap(inputs.maxHistory);
  const repository = toPlainMap(mapAt(inputs, "repositoryOpts"));
  if (repository.username || repository.password) {
    throw new Error("repositoryOpts.username and .password are not served by the stand-in: run helm registry login");
  }
  const part = (key: string): Record<string, string> =>
    typeof repository[key] === "string" && repository[key] !== "" ? { [key]: repository[key] } : {};
  return {
    name: text("name") ?? "",
    namespace: text("namespace") ?? "",
    chart: text("chart") ?? "",
    version: text("version") ?? "",
    values: toPlainMap(mapAt(inputs, "values")),
    timeoutSeconds: typeof timeout === "number" && timeout > 0 ? timeout : DEFAULT_TIMEOUT_SECONDS,
    wait: !flag("skipAwait"),
    flag,
    text,
    maxHistory: typeof maxHistory === "number" ? maxHistory : 0,
    repository: { ...part("repo"), ...part("caFile"), ...part("certFile"), ...part("keyFile") },
  };
}
