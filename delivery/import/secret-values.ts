import { isSecretName, secretsIn } from "../secret-variables.ts";
import { redact } from "../secrets.ts";

/** $(NAME) stands for a variable, and is no secret itself. */
const REFERENCES = /\$\([^)]*\)/g;
const SETTING = /^(true|false|yes|no|on|off|none|null|[0-9]{1,5}|)$/i;

/** Whether a text has a part in the form of a secret, such as the password in a URL. */
export function isSecretText(text: string): boolean {
  const plain = text.replaceAll(REFERENCES, "");
  return redact(plain, {}) !== plain;
}

/** Whether a value must not be written into a file, judged by its name and by itself. */
export function isSecretValue(name: string, value: string): boolean {
  const text = value.replaceAll(REFERENCES, "").trim();
  if (SETTING.test(text)) return false;
  if (text.includes("://")) return secretsIn("", text).length > 0 || isSecretText(text);
  return isSecretName(name) || secretsIn(name, text).length > 0 || isSecretText(text);
}

/** A line such as `password: x`, `db.password=x` or `"apiKey": "x"`. */
const ASSIGNMENT = /^\s*["']?([\w.-]+)["']?\s*[:=]\s*(.+?)[,;]?\s*$/;

/** Whether a text file holds a secret: in a line that assigns one, or in the form of a key. */
export function holdsSecret(text: string): boolean {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) || isSecretText(text)) return true;
  return text.split("\n").some((line) => {
    const [, key = "", value = ""] = ASSIGNMENT.exec(line) ?? [];
    const plain = value.replace(/^["']|["']$/g, "");
    // ${DB_PASSWORD} is a reference to a variable.
    return key !== "" && !/^\$\{?/.test(plain) && isSecretValue(variableName(key), plain);
  });
}

/** A name in the form of a variable: DB_PASSWORD for db.password, API_KEY for apiKey. */
export function variableName(key: string): string {
  const name = key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9_]+/g, "_")
    .toUpperCase();
  return /^[A-Z_]/.test(name) ? name : `_${name}`;
}
