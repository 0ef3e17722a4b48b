import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectRoot } from "../project-root.ts";

/** Bodies of requests as GitHub (its OpenAPI description) and Slack publish them, as types. */
const TYPES = {
  "create comment":
    'import("@octokit/openapi-types").operations["issues/create-comment"]["requestBody"]["content"]["application/json"]',
  "update comment":
    'import("@octokit/openapi-types").operations["issues/update-comment"]["requestBody"]["content"]["application/json"]',
  "open pull request":
    'import("@octokit/openapi-types").operations["pulls/create"]["requestBody"]["content"]["application/json"]',
  "update pull request":
    'NonNullable<import("@octokit/openapi-types").operations["pulls/update"]["requestBody"]>["content"]["application/json"]',
  /** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
  "webhook message": '{ text: string; blocks?: import("@slack/types").KnownBlock[] }',
} as const;

export interface SentBody {
  type: keyof typeof TYPES;
  body: unknown;
}

/**
 * Checks bodies against the published types with the compiler: missing fields, wrong types, unknown fields.
 *
 * @returns the compiler's errors, empty if there are none.
 */
export async function schemaFaults(bodies: readonly SentBody[]): Promise<string[]> {
  const source = bodies
    .map(({ type, body }, index) => `export const body${index}: ${TYPES[type]} = ${JSON.stringify(body)};`)
    .join("\n");
  // Inside the project, because the compiler looks packages up from the file's folder.
  const folder = mkdtempSync(join(projectRoot, "node_modules/.sent-bodies-"));
  try {
    writeFileSync(join(folder, "bodies.ts"), source);
    const flags = ["--ignoreConfig", "--strict", "--noEmit", "--skipLibCheck", "--pretty", "false"];
    const modules = ["--module", "nodenext", "--target", "es2024", "--types", ""];
    const { stdout, exitCode } = await execa(
      join(projectRoot, "node_modules/.bin/tsc"),
      [...flags, ...modules, "bodies.ts"],
      { cwd: folder, reject: false },
    );
    return exitCode === 0 ? [] : stdout.split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
