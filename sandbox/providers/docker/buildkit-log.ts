import protobuf from "google-protobuf";

/** The id by which a daemon marks BuildKit's own messages. */
export const BUILDKIT_TRACE = "moby.buildkit.trace";

/**
 * What a BuildKit message has to say, as text: the steps that begin or are cached, and what they print.
 *
 * The message is a `moby.buildkit.v1.StatusResponse` (github.com/moby/buildkit, api/services/control/control.proto).
 * dockerode's own reader of these leaves what the steps print in base64.
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
