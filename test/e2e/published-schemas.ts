import { join } from "node:path";
import ts from "typescript";
import { projectRoot } from "../../sandbox/stack-file.ts";

/** Bodies of requests as GitHub (its OpenAPI description) and Slack publish them, as types. */
const TYPES = {
  "create comment":
    'import("@octokit/openapi-types").operations["issues/create-comment"]["requestBody"]["content"]["application/json"]',
  "update comment":
    'import("@octokit/openapi-types").operations["issues/update-comment"]["requestBody"]["content"]["application/json"]',
  /** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
  "webhook message": '{ text: string; blocks?: import("@slack/types").KnownBlock[] }',
} as const;

export interface SentBody {
  type: keyof typeof TYPES;
  body: unknown;
}

/**
 * Holds bodies against the published types, by the compiler: fields that are missing, of another type, or not known.
 *
 * @returns what is wrong, empty where nothing is.
 */
export function schemaFaults(bodies: readonly SentBody[]): string[] {
  // In the project's folder, for the packages are looked up from there; the file itself is only said to be.
  const file = join(projectRoot, "sent-bodies.ts");
  const source = bodies
    .map(({ type, body }, index) => `export const body${index}: ${TYPES[type]} = ${JSON.stringify(body)};`)
    .join("\n");
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, source, options.target) : getSourceFile(path, ...rest);
  const faults = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
  return faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
