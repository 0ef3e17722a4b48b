import protobuf from "google-protobuf";

/** The id of BuildKit's own messages in a daemon's stream. */
export const BUILDKIT_TRACE = "moby.buildkit.trace";

/**
 * A BuildKit message as text: the steps that begin or are cached, and their output.
 *
 * The message is a `moby.buildkit.v1.StatusResponse` (github.com/moby/buildkit, api/services/control/control.proto).
 * dockerode's own reader leaves the output of the steps in base64.
 *
 * @param aux the message in base64, as the daemon sends it.
 */
export function buildkitText(aux: string): string {
  const parts: string[] = [];
  readFields(new protobuf.BinaryReader(aux), {
    1: (reader) => reader.readMessage(null, (_, vertex) => parts.push(stepText(vertex))),
    3: (reader) => reader.readMessage(null, (_, log) => parts.push(logText(log))),
  });
  return parts.join("");
}

function stepText(vertex: protobuf.BinaryReader): string {
  const step = { name: "", cached: false, started: false, completed: false };
  readFields(vertex, {
    3: (reader) => {
      step.name = reader.readString();
    },
    4: (reader) => {
      step.cached = reader.readBool();
    },
    5: (reader) => {
      step.started = true;
      reader.skipField();
    },
    6: (reader) => {
      step.completed = true;
      reader.skipField();
    },
  });
  if (!step.started || (step.completed && !step.cached) || step.name.startsWith("[internal]")) return "";
  return `${step.name}${step.cached ? " (cached)" : ""}\n`;
}

function logText(log: protobuf.BinaryReader): string {
  let text = "";
  readFields(log, {
    4: (reader) => {
      text = Buffer.from(reader.readBytes()).toString("utf8");
    },
  });
  return text;
}

function readFields(
  reader: protobuf.BinaryReader,
  fields: Readonly<Record<number, (reader: protobuf.BinaryReader) => void>>,
): void {
  while (reader.nextField() && !reader.isEndGroup()) {
    const read = fields[reader.getFieldNumber()];
    if (read) read(reader);
    else reader.skipField();
  }
}
