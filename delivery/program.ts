import { Command, InvalidArgumentError, Option } from "commander";

/**
 * The command line: every command with its options. Commands load their modules when they run, so that --help does not wait for the
 * clients of AWS and GitHub.
 *
 * @param root folder of the project, with Pulumi.yaml, index.ts and stacks/
 */
export function createProgram(root: string): Command {
  const program = new Command("npm run slipway --")
    .description("Release, deploy, roll back and inspect the stacks. CI runs the same commands as you do.")
    .showHelpAfterError("(--help lists the commands and options)")
    .addHelpText(
      "after",
      "\nPass secrets in the environment only: GITHUB_TOKEN, SLACK_WEBHOOK_URL, PULUMI_CONFIG_PASSPHRASE, AWS_*.",
    );
  const add = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option("--dry-run", "print what would be done without doing it")
      .option("--json", "print one JSON object to standard output");
  const addForStack = (name: string, description: string) =>
    add(name, description).requiredOption("--stack <name>", "stack, as in stacks/Pulumi.<name>.yaml");
  const addUpdate = (name: string, description: string) =>
    withRecordOptions(addForStack(name, description).addOption(serviceOption()))
      .option("--no-artifacts", "do not upload artifacts after the update")
      .option("--bucket <name>", "bucket for the artifacts (default: the stack's own, or SLIPWAY_ARTIFACTS_BUCKET)")
      .option("--no-tag", "do not push a git tag after the update")
      .option("--no-notify", "do not notify Slack after the update")
      .option("--break-lock", "first remove the lock of a killed update; use it only if no update is running");

  add("version", "print the next version, from the last release tag and the pull request's title or label")
    .option("--title <title>", "title of the pull request (default: from CI or GitHub, else from the commit message)")
    .option("--only-new", "print nothing if the commit is the record of a deploy and the change before it is released")
    .option("--push", "tag the commit and push the tag")
    .action(async (options) => (await import("./commands/version.ts")).version(options, root));

  withRecordOptions(
    addForStack("release", "write a release into the stack's file and commit it")
      .argument("[tag]", "release (default: what the file says; with --push, to push a record that is not pushed yet)")
      .addOption(serviceOption()),
  ).action(async (tag, options) => (await import("./commands/release.ts")).release(tag, options, root));

  addUpdate("deploy", "record a release and run pulumi up")
    .option("--release <tag>", "release to deploy (default: what the stack's file says)")
    .option("--allow-downgrade", "deploy although a newer release runs")
    .addHelpText(
      "after",
      "\nWithout --release, the stack is deployed as its file says. Use this to resume an interrupted deploy." +
        "\nAfter the deploy, artifacts are uploaded, a git tag is pushed and Slack is notified. If a step fails, the deploy" +
        "\nstands and you get a warning with the command to retry it.",
    )
    .action(async (options) => (await import("./commands/deploy.ts")).deploy(options, root));

  addUpdate("rollback", "deploy an earlier release again, without building anything")
    .option("--to <tag>", "release to roll back to (default: the last successful one before the current release)")
    .action(async (options) => (await import("./commands/rollback.ts")).rollback(options, root));

  addUpdate("restart", "replace the pods without a new image").action(async (options) =>
    (await import("./commands/restart.ts")).restart(options, root),
  );

  addForStack("status", "print the desired releases, the last update and the running services").action(
    async (options) => (await import("./commands/status.ts")).status(options, root),
  );

  addForStack("history", "print who deployed what and when, the result and the duration")
    .option("--limit <n>", "most updates to print (default: 20)", parsePositive)
    .action(async (options) => (await import("./commands/history.ts")).history(options, root));

  addForStack("preview", "print what an update would change, as Markdown")
    .addOption(serviceOption())
    .option("--release <tag>", "preview the deploy of this release (default: what the stack's file says)")
    .option("--comment", "write the preview as a comment on the pull request, or update that comment")
    .option("--pull-request <n>", "number of the pull request (default: the one that CI builds)", parsePositive)
    .option("--events <file>", "read the events that pulumi preview --event-log wrote instead of running a preview")
    .action(async (options) => (await import("./commands/preview.ts")).preview(options, root));

  addForStack("artifacts", "upload the manifests, bill of materials, log and summary of a deploy to S3")
    .addOption(runOption())
    .option("--bucket <name>", "bucket (default: the stack's own, or SLIPWAY_ARTIFACTS_BUCKET)")
    .action(async (options) => (await import("./commands/artifacts.ts")).artifacts(options, root));

  addForStack("tag", "push the git tag <stack>/<release>/<build number> for a deploy")
    .addOption(runOption())
    .option("--build <n>", "build number (default: CI's, else the time of the deploy)")
    .action(async (options) => (await import("./commands/tag.ts")).tag(options, root));

  addForStack("notify", "notify Slack of the result of a deploy; never fails")
    .addOption(runOption())
    .addOption(
      new Option("--status <status>", "result of a job that ended before the deploy began").choices([
        "success",
        "failure",
        "cancelled",
      ]),
    )
    .option("--reason <text>", "why the job failed")
    .action(async (options) => (await import("./commands/notify.ts")).notify(options, root));

  addForStack("drift", "compare live resources with the state without changing it; exit code 2 means drift")
    .option("--notify", "notify Slack of drift")
    .action(async (options) => (await import("./commands/drift.ts")).drift(options, root));

  return program;
}

function serviceOption(): Option {
  return new Option("--service <name...>", "only these services (default: all)");
}

function runOption(): Option {
  return new Option("--run <folder>", "folder that the deploy wrote (default: the stack's newest in .slipway/runs)");
}

/** Options of the commands that write a record into the stack's file. */
function withRecordOptions(command: Command): Command {
  return command
    .option("--push", "push the record to the branch that keeps the records (default in CI)")
    .option("--no-push", "do not push it")
    .option(
      "--branch <name>",
      "branch that keeps the records (default: SLIPWAY_BRANCH, else the remote's default branch)",
    )
    .option("--no-commit", "change the stack's file without committing it");
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}
