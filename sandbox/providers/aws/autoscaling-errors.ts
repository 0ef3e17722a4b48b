import { isError } from "./errors.ts";

/** Auto Scaling says "ValidationError" of a thing that is not there; only its words tell. */
export async function unlessRefused<T>(call: Promise<T>, words: RegExp): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && isError(error, "ValidationError") && words.test(error.message)) return undefined;
    throw error;
  }
}
