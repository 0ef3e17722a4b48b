/** Names of variables with secret values, as CI systems and the tools used here choose them. */
const SECRET_NAME =
  /(^|_)(TOKEN|SECRETS?|PASSWORDS?|PASSPHRASE|WEBHOOK|CREDENTIALS?|JWT)(_|\d|$)|PASSWORD|(PRIVATE_KEY|ACCESS_KEY_ID|API_?KEY)|[^_]TOKEN$|(_KEY|_PAT|_PASS|PGPASS|_PWD|_AUTH|AUTH_CONFIG|KUBECONFIG_DATA|_DSN|CONNECTION_STRING|(^|_)(DATABASE|DB|REDIS|MONGO(DB)?|POSTGRES(QL)?|MYSQL|AMQP|BROKER)_UR[IL])$/i;
/** Names that match as well but hold a path, a URL or a setting. */
const PUBLIC_NAME =
  /_(FILE|PATH|DIR|MOUNT|NAME|NAMESPACE|ARN|TYPE|STORE|ENGINE|PREFIX|HEADER|USER|USERNAME|TTL|EXPIRY|EXPIRES|LIMIT|COUNT|LENGTH|VERSION|ENABLED|REGION|TOKEN_URL)$|(CACHE|PUBLIC)_KEY$|CREDENTIALS_(RELATIVE|FULL)_URI$/i;

/** Masking a shorter value would garble other words. */
export const SHORTEST = 6;
/** A shorter value may be a name: of a stack, a service, a release. */
export const LONGEST_NAME = 11;
/** A shorter number may be a port, a process or an amount of memory. */
const SHORTEST_NUMBER = 8;

/** Words and numbers that commands, config and logs are made of: `staging`, `prod-eu`, `eu-west-1`, `200000`. */
const WORDS = /^(\p{L}+|\d+)([-_./ ](\p{L}+|\d+))*$/u;

/** Whether a value is so short and plain that it says nothing about who knows it. */
export function isPlain(value: string): boolean {
  if (/^\d+$/.test(value)) return value.length < SHORTEST_NUMBER;
  return value.length < SHORTEST || (value.length <= LONGEST_NAME && WORDS.test(value));
}

const names = new Map<string, boolean>();

/** Whether a variable's name says that its value is secret. */
export function isSecretName(name: string): boolean {
  const known = names.get(name);
  if (known !== undefined) return known;
  const isSecret = SECRET_NAME.test(name) && !PUBLIC_NAME.test(name);
  names.set(name, isSecret);
  return isSecret;
}

/** The secrets in a variable: its value if the name or the value says so, else what its URLs hold. */
export function secretsIn(name: string, value: string): string[] {
  const found = isSecretName(name) || isToken(value) ? [value] : [];
  return [...found, ...secretsOfUrl(value)].filter((secret) => !isPlain(secret.trim()));
}

/** A part that is a word, a number, or the hash of a commit or image. */
const PUBLIC_PART = /^(\p{L}+|v?\d+|[0-9a-f]{7,64})$/u;
const SHORTEST_TOKEN = 20;

/**
 * Whether a value looks random, as keys and tokens do, whatever its variable is called: long, without spaces, of capitals, small letters and
 * digits that make no words. A path, a URL and the name of a branch are no such values.
 */
function isToken(value: string): boolean {
  if (value.length < SHORTEST_TOKEN || !/^[A-Za-z0-9+=_~][A-Za-z0-9+/=_.~-]*$/.test(value)) return false;
  if (!(/[a-z]/.test(value) && /[A-Z]/.test(value) && /[0-9]/.test(value))) return false;
  return value.split(/[-_./=+~]/).some((part) => part.length >= 12 && !PUBLIC_PART.test(part) && changes(part) >= 4);
}

/** How often a text changes between capitals, small letters and digits. */
function changes(text: string): number {
  const kinds = text.replaceAll(/[A-Z]/g, "A").replaceAll(/[a-z]/g, "a").replaceAll(/[0-9]/g, "0");
  return [...kinds].filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
}

/** What stands before the host of a URL. A password may itself have an @ or a slash that nobody encoded. */
const USER_INFO = /[a-z][a-z0-9+.-]*:\/\/(?<user>[^\s:@/"']*)(:(?<password>[^\s"']*))?@(?=[^\s@"']*$)/i;
/** Parameters of a URL that let its reader in. */
const SECRET_PARAMETERS =
  /[?&](?:[^=&#]*(?:token|secret|password|signature|credential|api_?key)|sig|code|key)=(?<secret>[^&#\s"']+)/gi;
/** A user of this length without a password is a token. */
const SHORTEST_USER_TOKEN = 16;

function secretsOfUrl(value: string): string[] {
  if (!value.includes("://")) return [];
  const { user = "", password } = USER_INFO.exec(value)?.groups ?? {};
  const token = password === undefined && user.length >= SHORTEST_USER_TOKEN ? [user] : [];
  const parameters = [...value.matchAll(SECRET_PARAMETERS)].flatMap(({ groups }) => groups?.secret ?? []);
  return [...(password ? [password] : token), ...parameters].flatMap((secret) => [secret, decoded(secret)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
