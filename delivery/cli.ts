import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { Failure } from "./failure.ts";
import { maskOutput, redact, refuseSecretArguments } from "./secrets.ts";

/** Folder of the project: Pulumi.yaml, index.ts and stacks/ are here. */
const root = join(import.meta.dirname, "..");

// Commands load what they need when they run: --help must not wait for clients of AWS and GitHub.
const cli = new Command("npm run slipway --")
  .description(
    "From a merged pull request to a notified, tagged, reversible deploy. Everything that CI does, from any machine.",
  )
  .showHelpAfterError("(--help shows what there is)")
  .addHelpText(
    "after",
    "\nSecrets come from the environment alone: GITHUB_TOKEN, SLACK_WEBHOOK_URL, PULUMI_CONFIG_PASSPHRASE, AWS_*." +
      '\nOn the machine of the sandbox, first: eval "$(npm run --silent sandbox -- env)"',
  );

const service = () => new Option("--service <name...>", "these services only (default: all)");
const push = () => [
  new Option("--push", "push the record's commit to the branch (default in CI)"),
  new Option("--no-push", "do not push it"),
];

function command(name: string, description: string): Command {
  return cli
    .command(name)
    .description(description)
    .option("--dry-run", "say what would be done, and do none of it")
    .option("--json", "one JSON object on standard output");
}

function stackCommand(name: string, description: string): Command {
  return command(name, description).requiredOption("--stack <name>", "stack of stacks/Pulumi.<name>.yaml");
}

function updateCommand(name: string, description: string): Command {
  const made = stackCommand(name, description).addOption(service());
  for (const option of push()) made.addOption(option);
  return made
    .option("--no-commit", "change the stack's file and commit nothing")
    .option("--no-artifacts", "upload no artifacts afterwards")
    .option("--bucket <name>", "bucket for them (default: the stack's own, or SLIPWAY_ARTIFACTS_BUCKET)")
    .option("--no-tag", "push no git tag afterwards")
    .option("--no-notify", "do not tell Slack afterwards")
    .option("--break-lock", "first take away the lock of an update that was killed; know that none runs");
}

command("version", "the next version of what is checked out, from the last tag and the pull request's title")
  .option("--title <title>", "the title (default: GitHub is asked, else the commit's words count)")
  .option("--push", "tag the commit, and push the tag")
  .action(async (options) => (await import("./commands/version.ts")).version(options, root));

const release = stackCommand("release", "write a release into the stack's file and commit that as the record")
  .argument("[tag]", "release (default: what the file says; with --push, for a record that could not be pushed)")
  .addOption(service());
for (const option of push()) release.addOption(option);
release
  .option("--no-commit", "change the stack's file and commit nothing")
  .action(async (tag, options) => (await import("./commands/release.ts")).release(tag, options, root));

updateCommand("deploy", "record a release and update the stack; then artifacts, git tag and Slack")
  .option("--release <tag>", "what to deploy (default: what the stack's file says)")
  .action(async (options) => (await import("./commands/deploy.ts")).deploy(options, root));

updateCommand("rollback", "go back to the release that ran well before, or to one that is named; builds nothing")
  .option("--to <tag>", "release to go back to")
  .action(async (options) => (await import("./commands/rollback.ts")).rollback(options, root));

updateCommand("restart", "roll the pods without a new image").action(async (options) =>
  (await import("./commands/restart.ts")).restart(options, root),
);

stackCommand("status", "what is to run, how the last update ended, and what does run").action(async (options) =>
  (await import("./commands/status.ts")).status(options, root),
);

stackCommand("history", "who deployed what, when, with which result, and how long it took")
  .option("--limit <n>", "most updates to show (default: 20)", number)
  .action(async (options) => (await import("./commands/history.ts")).history(options, root));

stackCommand("preview", "what an update would change, as Markdown")
  .addOption(service())
  .option("--release <tag>", "as if this release were deployed")
  .option("--comment", "put it on the pull request, in one comment that is kept up to date")
  .option("--pull-request <n>", "number (default: the one that CI builds)", number)
  .option("--events <file>", "what pulumi preview --event-log has written, in place of a preview")
  .action(async (options) => (await import("./commands/preview.ts")).preview(options, root));

stackCommand("artifacts", "upload manifests, bill of materials, log and summary of a deploy to S3")
  .option("--run <folder>", "what the deploy wrote (default: the stack's newest in .slipway/runs)")
  .option("--bucket <name>", "(default: the stack's own, or SLIPWAY_ARTIFACTS_BUCKET)")
  .action(async (options) => (await import("./commands/artifacts.ts")).artifacts(options, root));

stackCommand("tag", "push the git tag <env>/<release>/<build number> for a deploy")
  .option("--run <folder>", "what the deploy wrote (default: the stack's newest in .slipway/runs)")
  .option("--build <n>", "build number (default: CI's, else the time of the deploy)")
  .action(async (options) => (await import("./commands/tag.ts")).tag(options, root));

stackCommand("notify", "tell Slack what became of a deploy; never fails")
  .option("--run <folder>", "what the deploy wrote (default: the stack's newest in .slipway/runs)")
  .addOption(
    new Option("--status <status>", "of a job that ended before the deploy had begun").choices([
      "success",
      "failure",
      "cancelled",
    ]),
  )
  .option("--reason <text>", "why it failed")
  .action(async (options) => (await import("./commands/notify.ts")).notify(options, root));

stackCommand("drift", "compare what is there with the state, which stays as it is; exit code 2 for drift")
  .option("--notify", "tell Slack of drift")
  .action(async (options) => (await import("./commands/drift.ts")).drift(options, root));

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number above 0 is wanted.");
  return value;
}

// The SDK is pinned; that its later versions will want a newer Node is nothing to be told of beside every deploy.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
maskOutput(process.stdout);
maskOutput(process.stderr);
try {
  refuseSecretArguments(process.argv.slice(2));
  await cli.parseAsync();
} catch (error) {
  // What a person can mend is said without a stack trace; DEBUG=1 shows it to whoever mends this.
  const message =
    error instanceof Failure
      ? error.message
      : `Unexpected: ${error instanceof Error ? error.message : error}\nDEBUG=1 shows where.`;
  if (process.argv.includes("--json")) console.log(JSON.stringify({ error: message }));
  console.error(process.env.DEBUG && error instanceof Error ? redact(error.stack ?? message) : message);
  process.exitCode = error instanceof Failure ? error.exitCode : 1;
}
