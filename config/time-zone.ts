/** Each part of a name begins with an upper-case letter. A node's files know the name in this form only. */
const NAME = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*){0,2}$/;

/** What is wrong with the name of a time zone. Undefined for one of https://www.iana.org/time-zones, such as Asia/Seoul. */
export function timeZoneFault(name: string): string | undefined {
  const known = ianaName(name);
  const allowed = "a name of the IANA database, such as Asia/Seoul, Europe/Berlin or Etc/UTC";
  if (known === undefined) return `no time zone. Use ${allowed}`;
  // Names have one spelling, and this library accepts all of them.
  if (known.toLowerCase() === name.toLowerCase() && known !== name) return `spelled ${known}. Use that`;
  return NAME.test(name) ? undefined : `not spelled as in the IANA database. Use ${allowed}`;
}

function ianaName(name: string): string | undefined {
  // An offset such as +09:00 is no name, and knows no daylight saving.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
