import { StringDecoder } from "node:string_decoder";
import { disarmCommands } from "./log-commands.ts";
import { redact } from "./secrets.ts";

/**
 * From now on everything that is written to a stream is free of secrets and of commands to a CI runner, and a reader that goes
 * away does not end the process: an update must be recorded whether or not somebody reads along.
 */
export function guardOutput(stream: NodeJS.WriteStream): void {
  if (!stream.listeners("error").includes(ignoreError)) stream.on("error", ignoreError);
  const write = stream.write.bind(stream) as (text: string, ...rest: unknown[]) => boolean;
  const decoder = new StringDecoder("utf8");
  let isLineStart = true;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    const text = redact(typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk)));
    const disarmed = disarmCommands(text, isLineStart);
    isLineStart = /(^|[\r\n])\s*$/.test(text) && (isLineStart || /[\r\n]/.test(text));
    return write(disarmed, ...rest);
  }) as typeof stream.write;
}

/** Such as EPIPE (a pager has ended) and EIO (a terminal is gone). There is nowhere left to report it. */
function ignoreError(): void {}
