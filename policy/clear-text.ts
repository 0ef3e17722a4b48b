/** How the engine marks a secret: https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/resource/properties.go */
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A shorter value occurs by chance, in names and numbers. */
const SHORTEST = 8;

/** What a secret looks like in clear text: as it is, and as Kubernetes encodes it. */
export function formsOf(secrets: readonly string[]): string[] {
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, Buffer.from(secret).toString("base64").replace(/=+$/, "")]);
}

/** Where properties have one of these texts outside of a secret: paths such as `values.variables[0].value`. */
export function findClearText(properties: unknown, texts: readonly string[], path = ""): string[] {
  if (texts.length === 0) return [];
  if (typeof properties === "string") return texts.some((text) => properties.includes(text)) ? [path] : [];
  if (Array.isArray(properties)) return properties.flatMap((item, at) => findClearText(item, texts, `${path}[${at}]`));
  if (typeof properties !== "object" || properties === null) return [];
  if ((properties as Record<string, unknown>)[MARK] === SECRET) return [];
  return Object.entries(properties).flatMap(([key, value]) =>
    findClearText(value, texts, path === "" ? key : `${path}.${key}`),
  );
}
