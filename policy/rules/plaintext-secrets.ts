import type { KubernetesObject, V1EnvVar } from "@kubernetes/client-node";
import { HELM_RELEASE } from "../../config/naming.ts";
import type { Rule } from "../rule.ts";
import { containersOf, workloadsIn } from "../workloads.ts";

/** Names of variables whose value is a secret in every program that has them. A name such as TOKEN_TTL or PASSWORD_FILE is none. */
const SECRET_NAME =
  /(^|[_.-])(PASSWORD|PASSWD|PASSPHRASE|CLIENT_?SECRET|SECRET_?KEY|API_?KEY|PRIVATE_?KEY|(ACCESS|AUTH|API|BEARER)_?TOKEN)$/i;

/** Formats that nothing but a secret has. */
const SECRET_FORMATS: Record<string, RegExp> = {
  "a private key": /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/,
  "an AWS access key": /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  "a GitHub token": /\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22,}/,
  "a GitLab token": /\bglpat-[\w-]{20,}/,
  "a Slack token": /\bxox[abpr]-[\w-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/,
  "a Stripe key": /\b[rs]k_live_\w{16,}/,
  "a JSON web token": /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  // A password that is a reference, as $(PASSWORD) or ${PASSWORD}, is put in when the container starts.
  "a password in a URL": /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(?!\$[({])[^\s/@$]+@/i,
};

/** What stands for a value, and switches. */
const NO_SECRET = /^$|^\$[({][\w.-]+[)}]$|^\/|^(true|false|null|\d{1,5})$/i;

const FIX = "Name it under the service's secrets, and set it with: pulumi config set --secret";

export const plaintextSecrets: Rule = {
  name: "plaintext-secrets",
  description:
    "No secret is in clear text in variables, ConfigMaps or Helm values: all of them can be read by whoever may look.",
  objects: (objects) => [
    ...workloadsIn(objects).flatMap(({ label, pod }) =>
      containersOf(pod).flatMap(({ name, env = [] }) =>
        env.flatMap(({ name: variable, value }: V1EnvVar) =>
          secretIn(variable, value).map((what) => `${label}: container ${name}: ${variable} holds ${what}. ${FIX}`),
        ),
      ),
    ),
    ...objects.flatMap((object) =>
      object.kind === "ConfigMap"
        ? Object.entries((object as KubernetesObject & { data?: Record<string, string> }).data ?? {}).flatMap(
            ([key, value]) =>
              secretIn(key, value).map((what) => `ConfigMap ${object.metadata?.name}: ${key} holds ${what}. ${FIX}`),
          )
        : [],
    ),
  ],
  resource: ({ type, props }) => {
    if (type !== HELM_RELEASE) return [];
    return secretsBelow("values", props.values).map(({ path, what }) => `${path} holds ${what}. ${FIX}`);
  },
};

/** What kind of secret a value is. Never the value itself. */
function secretIn(name: string, value: unknown): string[] {
  if (typeof value !== "string" || NO_SECRET.test(value)) return [];
  if (SECRET_NAME.test(name)) return ["a secret, by its name"];
  return Object.entries(SECRET_FORMATS)
    .filter(([, format]) => format.test(value))
    .map(([what]) => what);
}

function secretsBelow(path: string, value: unknown): { path: string; what: string }[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => secretsBelow(`${path}[${at}]`, item));
  if (typeof value !== "object" || value === null) return [];
  const { name, value: own } = value as { name?: unknown; value?: unknown };
  const ofPair = typeof name === "string" ? secretIn(name, own).map((what) => ({ path: `${path} ${name}`, what })) : [];
  const ofKeys = Object.entries(value).flatMap(([key, item]) => [
    ...(key === "value" && ofPair.length > 0 ? [] : secretIn(key, item)).map((what) => ({
      path: `${path}.${key}`,
      what,
    })),
    ...secretsBelow(`${path}.${key}`, item),
  ]);
  return [...ofPair, ...ofKeys];
}
