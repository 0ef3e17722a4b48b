import { ExecaError } from "execa";
import { LEAST, render, type Values } from "./render.ts";

/** Helm's message for values of charts/service that it refuses: the required values, with these over them. */
export async function refusal(values: Values): Promise<string> {
  try {
    await render("service", { ...LEAST, ...values });
  } catch (error) {
    if (error instanceof ExecaError) return String(error.stderr);
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(values)}`);
}
