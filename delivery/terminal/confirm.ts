import { createInterface } from "node:readline/promises";

interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/**
 * Asks a question that is answered by yes or no. Everything else is a no: Enter, Ctrl-C, Ctrl-D.
 *
 * @param terminal where to ask. @default - standard input, and standard error, because standard output is for the result
 */
export async function confirm(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const lines = createInterface({ input, output });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  lines.once("SIGINT", () => lines.close());
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^(y|yes)$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
