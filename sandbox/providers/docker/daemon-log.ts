import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { BUILDKIT_TRACE, buildkitText } from "./buildkit-log.ts";

/** Number of the last log lines in an error. */
const ERROR_LINES = 20;

/** One message of the daemon's build and push streams, of either builder. */
interface DaemonMessage {
  stream?: string;
  status?: string;
  id?: string;
  progress?: string;
  error?: string;
  errorDetail?: { message?: string };
  aux?: string | { ID?: string; Digest?: string };
}

/** The result of a daemon's stream. */
export interface DaemonOutcome {
  /** Id of the built image, `sha256:…`. */
  imageId?: string;
  /** Digest of the pushed image in the registry. */
  digest?: string;
}

/**
 * Reads a build or push stream to its end and passes on each line.
 *
 * @throws with the daemon's reason and the last lines of the log.
 */
export async function followDaemon(
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<DaemonOutcome> {
  const outcome: DaemonOutcome = {};
  const lines: string[] = [];
  let failure: string | undefined;
  for await (const line of createInterface({ input: stream })) {
    if (line.trim() === "") continue;
    const message: DaemonMessage = JSON.parse(line);
    if (typeof message.aux === "object") {
      if (message.aux.ID) outcome.imageId = message.aux.ID;
      if (message.aux.Digest) outcome.digest = message.aux.Digest;
    }
    failure ??= message.errorDetail?.message ?? message.error;
    const said = linesOf(textOf(message));
    lines.push(...said);
    for (const text of said) onLine(text);
  }
  if (failure === undefined) return outcome;
  const log = lines.slice(-ERROR_LINES).join("\n  ");
  throw new Error(log === "" ? failure : `${failure}\nlast lines of the log:\n  ${log}`);
}

function textOf(message: DaemonMessage): string {
  if (message.id === BUILDKIT_TRACE) return typeof message.aux === "string" ? buildkitText(message.aux) : "";
  // Progress bars change several times a second; they are not log lines.
  if (message.progress) return "";
  return message.stream ?? [message.id, message.status].filter(Boolean).join(": ");
}

const linesOf = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "");
