/** Whether an error of the SDK has one of these codes, as `ResourceNotFoundException` or `InvalidVpcID.NotFound`. */
export function isError(error: unknown, ...codes: string[]): boolean {
  if (!(error instanceof Error)) return false;
  const code = "Code" in error && typeof error.Code === "string" ? error.Code : error.name;
  return codes.includes(code) || codes.includes(error.name);
}

/** The errors by which a service says that something does not exist: their codes, or a test. */
export type Absence = readonly string[] | ((error: Error) => boolean);

export function isAbsence(error: unknown, absence: Absence): boolean {
  return error instanceof Error && (typeof absence === "function" ? absence(error) : isError(error, ...absence));
}

/** The answer; undefined when the call fails because something does not exist. */
export async function unlessGone<T>(call: Promise<T>, absence: Absence): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAbsence(error, absence)) return undefined;
    throw error;
  }
}

/** The error of a call, for the user: code and message of AWS, or why AWS was not reached. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const refused = networkCode(error);
  if (refused) return `AWS does not answer at ${process.env.AWS_ENDPOINT_URL ?? "its endpoint"} (${refused})`;
  if (error.name === "AbortError") return "cancelled";
  const isAnswer = "$metadata" in error && error.name !== "Error";
  return isAnswer && !error.message.startsWith(error.name) ? `${error.name}: ${error.message}` : error.message;
}

/** The system's code of a failed connection, as `ECONNREFUSED`; undefined when AWS answered. */
export function networkCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === "TimeoutError") return "timeout";
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && NETWORK_CODES.includes(code)) return code;
  const within = [...("errors" in error && Array.isArray(error.errors) ? error.errors : []), error.cause];
  return within.map(networkCode).find((found) => found !== undefined);
}

const NETWORK_CODES = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
];
