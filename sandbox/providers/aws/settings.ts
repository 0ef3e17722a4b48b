import type { CheckFailure } from "../protocol/handler.ts";
import { isPlainMap, type Plain, type PropertyMap, Unknown } from "../protocol/value.ts";

/** The provider's own arguments, defaults filled in. */
export interface ProviderSettings {
  /** Undefined: left to the shared configuration of the profile. */
  region: string | undefined;
  /** The only accounts whose credentials are taken. Undefined: any. */
  allowedAccountIds: string[] | undefined;
  /** Given to every resource that takes tags. */
  defaultTags: Record<string, string>;
  /** Profile of the shared configuration. Undefined: that of `AWS_PROFILE`, or the environment's credentials. */
  profile: string | undefined;
}

const SERVED = ["region", "allowedAccountIds", "defaultTags", "profile"];
/** Arguments that the SDK always sends; what it sends is what this stand-in does. */
const FIXED: Readonly<Record<string, string>> = { skipCredentialsValidation: "false", skipRegionValidation: "true" };
/** Arguments that the engine adds to every provider. */
const ENGINE_KEYS = ["version", "pluginDownloadURL", "pluginChecksums", "__internal"];

/** Faults in the form of the provider's arguments. */
export function checkSettings(news: PropertyMap): CheckFailure[] {
  const given = Object.entries(news).filter(([key, value]) => value !== null && !ENGINE_KEYS.includes(key));
  return given.flatMap(([property, value]) => {
    if (value instanceof Unknown) return [];
    const fixed = FIXED[property];
    if (fixed !== undefined) {
      const reason = `was ${JSON.stringify(value)}; the stand-in for the aws plugin knows only ${fixed}: leave it out`;
      return String(value) === fixed ? [] : [{ property, reason }];
    }
    if (!SERVED.includes(property)) {
      const reason = `the stand-in for the aws plugin does not serve "${property}" (served: ${SERVED.join(", ")})`;
      return [{ property, reason }];
    }
    const reason = formFault(property, parsed(value as Plain));
    return reason ? [{ property, reason }] : [];
  });
}

/** Reads checked arguments; environment variables of the official plugin count where one is absent. */
export function readSettings(config: ReadonlyMap<string, unknown>): ProviderSettings {
  const value = (key: string): Plain | undefined => parsed(config.get(key) as Plain | undefined);
  const text = (key: string): string | undefined => {
    const given = config.get(key);
    return typeof given === "string" && given !== "" ? given : undefined;
  };
  const accounts = value("allowedAccountIds");
  const tags = value("defaultTags");
  const own = isPlainMap(tags) && isPlainMap(tags.tags) ? tags.tags : {};
  return {
    region: text("region") ?? (process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || undefined),
    allowedAccountIds: Array.isArray(accounts) ? accounts.map(String) : undefined,
    defaultTags: Object.fromEntries(Object.entries(own).map(([key, tag]) => [key, String(tag)])),
    profile: text("profile"),
  };
}

/** Lists and objects come as JSON text, as everything in a provider's configuration that is no string. */
function parsed(value: Plain | undefined): Plain | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as Plain;
  } catch {
    return value;
  }
}

function formFault(property: string, value: Plain | undefined): string | undefined {
  const given = `was ${JSON.stringify(value)}`;
  if (property === "allowedAccountIds") {
    const fits = Array.isArray(value) && value.every((id) => typeof id === "string" && /^[0-9]{12}$/.test(id));
    return fits ? undefined : `${given}; give a list of account ids, twelve digits each, as strings`;
  }
  if (property === "defaultTags") {
    const tags = isPlainMap(value) ? value.tags : undefined;
    const others = isPlainMap(value) ? Object.keys(value).filter((key) => key !== "tags") : [];
    const fits = others.length === 0 && (tags === undefined || tags === null || isPlainMap(tags)) && isPlainMap(value);
    return fits ? undefined : `${given}; give { tags: { key: "value" } }`;
  }
  return typeof value === "string" ? undefined : `${given}; give a string`;
}
