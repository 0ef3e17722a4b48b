import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { type Document, isMap, isScalar, visit } from "yaml";

const ITERATIONS = 1_000_000;

/** Top-level keys of a stack file for a secrets provider other than a passphrase. */
const PROVIDER_KEYS = ["secretsprovider", "encryptedkey"];

/**
 * Whether a stack file's secrets can only be decrypted with a key in AWS or another cloud.
 * https://www.pulumi.com/docs/iac/concepts/secrets/#changing-the-secrets-provider
 */
export function hasForeignSecrets(file: Document): boolean {
  return file.has("secretsprovider") && file.get("secretsprovider") !== "passphrase";
}

/**
 * Replaces every secret of a stack file with a throw-away one, encrypted with a passphrase, and removes its secrets provider.
 *
 * @returns the number of secrets.
 */
export function replaceSecrets(file: Document, passphrase: string): number {
  const salt = randomBytes(8);
  const key = pbkdf2Sync(passphrase, salt, ITERATIONS, 32, "sha256");
  let count = 0;
  visit(file, {
    Map(_, { items }) {
      // The engine takes a map with only this key as a secret, wherever it is.
      const [{ key: name, value } = {}, ...others] = items;
      if (others.length > 0 || !isScalar(name) || name.value !== "secure" || !isScalar(value)) return;
      count += 1;
      value.value = encrypt(key, "throw-away");
    },
  });
  for (const name of PROVIDER_KEYS) file.delete(name);
  if (!isMap(file.contents)) return count;
  file.set("encryptionsalt", `v1:${salt.toString("base64")}:${encrypt(key, "pulumi")}`);
  return count;
}

/** As the engine's passphrase provider writes it: AES-256-GCM, `v1:<nonce>:<sealed>`. */
function encrypt(key: Buffer, plain: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}
