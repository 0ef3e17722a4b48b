import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Failure } from "../failure.ts";
import { redact } from "../secrets.ts";
import { queryCli } from "./cli.ts";

/** Where the engine keeps the state: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
export interface Backend {
  /** Such as `s3://example-pulumi-state?region=…`, `file:///state` or `https://app.pulumi.com/ada`. */
  url: string;
  /** Who is logged in to it, if it tells. */
  user?: string;
}

/** The backend that the engine is logged in to. @throws Failure with the CLI's message if it is not, or not installed. */
export async function readBackend(root: string): Promise<Backend> {
  const result = await queryCli(root, ["whoami", "--json", "--non-interactive", "--color", "never"]);
  if (result.exitCode !== 0) {
    throw new Failure(
      `pulumi whoami: ${redact(result.stderr)
        .replace(/^error: /, "")
        .trim()}`,
    );
  }
  const { url = process.env.PULUMI_BACKEND_URL ?? "", user } = parse(result.stdout || "{}") as Partial<Backend>;
  return { url, ...(user && { user }) };
}

/** The project's name, which is a part of where the state of its stacks is. */
export function readProjectName(root: string): string {
  return String(parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")).name);
}
