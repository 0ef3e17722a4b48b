import { describe, expect, it } from "vitest";
import { envText, plainText } from "../../../config/variables.ts";
import { holdsSecret, isSecretValue, variableName } from "../../../delivery/import/secret-values.ts";
import { expanded } from "../../../delivery/import/variables.ts";

/** What Kubernetes makes of a value of env: https://github.com/kubernetes/kubernetes/blob/v1.36.1/third_party/forked/golang/expansion/expand.go */
const EXPANDED: [written: string, process: string][] = [
  ["plain", "plain"],
  ["$(KNOWN)", "<known>"],
  ["$(UNKNOWN)", "$(UNKNOWN)"],
  ["$$(KNOWN)", "$(KNOWN)"],
  ["$$$(KNOWN)", "$<known>"],
  ["$$$(UNKNOWN)", "$$(UNKNOWN)"],
  ["a$$b", "a$b"],
  ["cost $5", "cost $5"],
  ["$(date +%s)", "$(date +%s)"],
];

it.each(EXPANDED)("%s reaches the process as %s, also after the import", (written, process) => {
  const config = expanded(written, new Set(["KNOWN"]));
  // As Slipway writes it: what names a variable into env, where two dollars are one, and the rest into a ConfigMap.
  const isReference = /(?<!\$)(\$\$)*\$\(KNOWN\)/.test(config);
  const text = isReference
    ? envText(config).replaceAll("$(KNOWN)", "<known>").replaceAll("$$", "$")
    : plainText(config);
  expect(text).toBe(process);
});

describe("a secret", () => {
  it.each([
    ["DB_PASSWORD", "hunter"],
    ["BROKER", "amqp://user:letmein@mq"],
    ["ANY", "AKIAABCDEFGHIJKLMNOP"],
  ])("is %s: %s", (name, value) => expect(isSecretValue(name, value)).toBe(true));

  it.each([
    ["DB_PASSWORD", "$(OTHER)"],
    ["DATABASE_URL", "postgres://db.internal/shop"],
    ["DATABASE_URL", "postgres://shop:$(DB_PASSWORD)@db/shop"],
    ["BASIC_AUTH", "true"],
    ["LOG_LEVEL", "info"],
    ["PASSWORD_FILE", "/run/secret"],
  ])("is not %s: %s", (name, value) => expect(isSecretValue(name, value)).toBe(false));

  it.each([
    "password: hunter2",
    'db:\n  "apiKey": "abcdef"',
    "-----BEGIN RSA PRIVATE KEY-----",
    "url=redis://:letmein@cache",
  ])("makes a file secret: %s", (text) => expect(holdsSecret(text)).toBe(true));

  it.each([`password: \${DB_PASSWORD}`, "level: info", "# a comment"])("does not: %s", (text) => {
    expect(holdsSecret(text)).toBe(false);
  });
});

it.each([
  ["db.password", "DB_PASSWORD"],
  ["apiKey", "API_KEY"],
  ["1st", "_1ST"],
])("%s is %s as a variable", (key, name) => expect(variableName(key)).toBe(name));
