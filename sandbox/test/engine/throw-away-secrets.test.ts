import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { hasForeignSecrets, replaceSecrets } from "../../engine/throw-away-secrets.ts";

const STACK = `secretsprovider: awskms://alias/slipway?region=ap-northeast-2
encryptedkey: AQIDAHh=
config:
  slipway:release: v1
  slipway:secret.api.DB_PASSWORD:
    secure: AQICAHh=
  slipway:secret.web.KEY:
    secure: AQICAHg=
  slipway:environment:
    services: { api: { config: { secure: "no secret", other: "1" } } }
`;

/** As the engine opens them: v1, nonce and sealed text, by a key made of the passphrase and the file's salt. */
function open(sealed: string, salt: string, passphrase: string): string {
  const key = pbkdf2Sync(passphrase, Buffer.from(salt.split(":")[1] ?? "", "base64"), 1_000_000, 32, "sha256");
  const [, nonce = "", text = ""] = sealed.split(":");
  const bytes = Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString();
}

describe("hasForeignSecrets", () => {
  it.each([
    ["secretsprovider: awskms://alias/x\n", true],
    ["secretsprovider: hashivault://key\n", true],
    ["secretsprovider: passphrase\n", false],
    ["encryptionsalt: v1:x\n", false],
    ["config: {}\n", false],
  ])("%j: %s", (text, expected) => {
    expect(hasForeignSecrets(parseDocument(text))).toBe(expected);
  });
});

describe("replaceSecrets", () => {
  const file = parseDocument(STACK);
  const count = replaceSecrets(file, "local");
  const result = file.toJS();

  it("replaces every secret with one that the passphrase decrypts, and returns how many there were", () => {
    expect(count).toBe(2);
    for (const name of ["slipway:secret.api.DB_PASSWORD", "slipway:secret.web.KEY"])
      expect(open(result.config[name].secure, result.encryptionsalt, "local")).toBe("throw-away");
    expect(open(result.encryptionsalt.split(":").slice(2).join(":"), result.encryptionsalt, "local")).toBe("pulumi");
  });

  it("removes the secrets provider and changes nothing else", () => {
    expect(Object.keys(result).sort()).toEqual(["config", "encryptionsalt"]);
    expect(result.config["slipway:release"]).toBe("v1");
    expect(result.config["slipway:environment"].services.api.config.secure).toBe("no secret");
  });
});
