import type { CheckFailure } from "../protocol/handler.ts";
import { isPlainMap, type Plain, type PropertyMap, Unknown } from "../protocol/value.ts";

/** The provider's own arguments, with defaults. */
export interface ProviderSettings {
  /** Undefined: from the environment or the shared configuration. */
  region: string | undefined;
  /** Credentials of other accounts are rejected. Undefined: any account is allowed. */
  allowedAccountIds: string[] | undefined;
  /** Given to every resource that takes tags. */
  defaultTags: Record<string, string>;
}

interface Setting {
  /** What to give, for the message of a failure. */
  give: string;
  fits(value: Plain): boolean;
}

const ACCOUNTS = "a list of account ids, twelve digits each, as strings";
const isTags = (value: Plain): boolean =>
  isPlainMap(value) && isPlainMap(value.tags ?? {}) && Object.keys(value).every((key) => key === "tags");
/** An argument that the SDK always sends, with the value that this stand-in implements. */
const always = (sent: string): Setting => ({ give: `${sent}, or nothing`, fits: (value) => String(value) === sent });

const SERVED: Readonly<Record<string, Setting>> = {
  region: { give: "a string", fits: (value) => typeof value === "string" },
  allowedAccountIds: {
    give: ACCOUNTS,
    fits: (ids) => Array.isArray(ids) && ids.every((id) => /^\d{12}$/.test(`${id}`)),
  },
  defaultTags: { give: '{ tags: { key: "value" } }', fits: isTags },
  skipCredentialsValidation: always("false"),
  skipRegionValidation: always("true"),
};
/** Arguments that the engine adds to every provider. */
const ENGINE_KEYS = ["version", "pluginDownloadURL", "pluginChecksums", "__internal"];

/** Failures in the form of the provider's arguments. */
export function checkSettings(news: PropertyMap): CheckFailure[] {
  const given = Object.entries(news).filter(([key, value]) => value !== null && !ENGINE_KEYS.includes(key));
  return given.flatMap(([property, value]) => {
    if (value instanceof Unknown) return [];
    const setting = SERVED[property];
    if (!setting) {
      const served = Object.keys(SERVED).join(", ");
      return [{ property, reason: `the stand-in for the aws plugin does not serve "${property}" (served: ${served})` }];
    }
    const plain = parsed(value as Plain);
    if (setting.fits(plain)) return [];
    return [{ property, reason: `was ${JSON.stringify(plain)}; give ${setting.give}` }];
  });
}

/** Reads checked arguments. Missing ones come from the official plugin's environment variables. */
export function readSettings(config: ReadonlyMap<string, unknown>): ProviderSettings {
  const value = (key: string): Plain => parsed((config.get(key) ?? null) as Plain);
  const [accounts, tags] = [value("allowedAccountIds"), value("defaultTags")];
  const own = isPlainMap(tags) && isPlainMap(tags.tags) ? tags.tags : {};
  return {
    region: String(value("region") ?? "") || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || undefined,
    allowedAccountIds: Array.isArray(accounts) ? accounts.map(String) : undefined,
    defaultTags: Object.fromEntries(Object.entries(own).map(([key, tag]) => [key, String(tag)])),
  };
}

/** The engine passes lists and objects as JSON text. */
function parsed(value: Plain): Plain {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Plain;
  } catch {
    return value;
  }
}
