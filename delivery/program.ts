import { Argument, Command, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { describeOption, examplesHelp, programHelp, stacksHint } from "./help.ts";
import {
  acrossContractOption,
  addRecordOptions,
  addUpdateOptions,
  bucketOption,
  checkExcessArguments,
  checkRequiredOptions,
  parseDuration,
  parseNamed,
  parsePositive,
  requiredStackOption,
  requireOptions,
  runOption,
  serviceOption,
  stackOption,
} from "./options.ts";

/**
 * The command line: every command with its options. Commands load their modules when they run, so that --help does not wait for the
 * clients of AWS and GitHub.
 *
 * @param root folder of the project, with Pulumi.yaml, index.ts and stacks/
 * @param name how the command was called
 */
export function createProgram(root: string, name = "npm run slipway --"): Command {
  const program = new Command(name)
    .description("Release, deploy, roll back and inspect the stacks. CI runs the same commands as you do.")
    .version(packageJson.version, "-V, --version", "print the version of Slipway")
    .configureHelp({ optionDescription: describeOption })
    .hook("preAction", (_, command) => {
      checkExcessArguments(command);
      checkRequiredOptions(command, stacksHint(root, command));
    })
    .showHelpAfterError("(Run with --help to list the commands and options.)")
    .addHelpText("after", programHelp());

  const add = (command: string, description: string, ...examples: string[]) =>
    program
      .command(command)
      .description(description)
      .allowExcessArguments()
      .configureHelp({ optionDescription: describeOption })
      .option("--dry-run", "print what would be done without doing it")
      .option("--json", "print one JSON object to standard output")
      .addHelpText("after", () => examplesHelp(`${name} ${command}`, examples));
  const addForStack = (command: string, description: string, ...examples: string[]) =>
    add(command, description, ...examples).addOption(requiredStackOption().env("SLIPWAY_STACK"));

  program.commandsGroup("Change a stack:");

  addUpdateOptions(
    addForStack(
      "deploy",
      "write a release into the stack's file, commit it, and run pulumi up",
      "--stack dev --release v1.4.0",
      "--stack prod --release v1.4.0 --service api",
      "--stack dev",
    ).addOption(serviceOption()),
  )
    .option("--release <tag>", "release to deploy (default: what the stack's file says)")
    .option("--allow-downgrade", "deploy although a newer release runs")
    .addOption(acrossContractOption())
    .addHelpText(
      "after",
      "\nWithout --release, the stack is deployed as its file says. Use this to resume an interrupted deploy." +
        "\nAfter the deploy, artifacts are uploaded, a git tag is pushed and Slack is notified. If a step fails, the deploy" +
        "\nstands and you get a warning with the command to retry it.",
    )
    .action(async (options) => (await import("./commands/deploy.ts")).deploy(options, root));

  addUpdateOptions(
    add(
      "promote",
      "deploy to a stack what runs in another, or let a rollout that waits go on",
      "--from dev --to staging",
      "--from staging --to prod --service api --yes",
      "web --stack prod",
    )
      .addArgument(new Argument("[service]", "service whose blue/green or canary rollout goes on"))
      .addOption(stackOption("--from <stack>", "stack whose running releases are taken"))
      .addOption(stackOption("--to <stack>", "stack that gets them"))
      .addOption(stackOption("--stack <name>", "stack of the service's rollout").env("SLIPWAY_STACK"))
      .addOption(serviceOption()),
  )
    .option("--full", "with a service: skip all steps and pauses that are left")
    .option("--allow-downgrade", "deploy although a newer release runs")
    .addOption(acrossContractOption())
    .addHelpText(
      "after",
      "\nWith --from and --to: the same releases and images, without a build." +
        "\nWith a service: its new version gets the traffic (blueGreen), or the next step begins (canary).",
    )
    .action(async (service, options, command) => {
      if (service === undefined) {
        requireOptions(command, ["from", "to"], stacksHint(root, command));
        return (await import("./commands/promote.ts")).promote(options, root);
      }
      requireOptions(command, ["stack"], stacksHint(root, command));
      return (await import("./commands/steer-rollout.ts")).steerRollout("promote", service, options, root);
    });

  for (const [action, description] of [
    ["abort", "stop a blue/green or canary rollout: the release before gets all the traffic again"],
    ["retry", "start a rollout that was aborted again"],
    ["pause", "pause a rollout that is under way, until it is promoted or aborted"],
  ] as const) {
    addForStack(action, description, "web --stack prod")
      .addArgument(new Argument("<service>", "service of the stack"))
      .action(async (service, options) =>
        (await import("./commands/steer-rollout.ts")).steerRollout(action, service, options, root),
      );
  }

  addUpdateOptions(
    addForStack(
      "rollback",
      "deploy an earlier release again, without building anything",
      "--stack prod",
      "--stack prod --to v1.3.2",
      "--stack prod --service api",
    ).addOption(serviceOption()),
  )
    .option("--to <tag>", "release to roll back to (default: the last successful one before the current release)")
    .addOption(acrossContractOption())
    .action(async (options) => (await import("./commands/rollback.ts")).rollback(options, root));

  addUpdateOptions(
    addForStack("restart", "replace the pods without a new image", "--stack prod --service api worker").addOption(
      serviceOption(),
    ),
  ).action(async (options) => (await import("./commands/restart.ts")).restart(options, root));

  addForStack(
    "run",
    "run a cron or job service now, or a command in the pod of any service, and end with its exit code",
    "report --stack prod",
    "api --stack prod -- /app/manage migrate --check",
    "report --stack prod --detach",
  )
    .addArgument(new Argument("[service]", "service of the stack"))
    .addArgument(new Argument("[command...]", "after --: what to run in place of the image's own command"))
    .option("--detach", "start it and do not wait for its end")
    .option(
      "--timeout <duration>",
      "stop it after this time, such as 15m (default: 1h, or what the service says)",
      parseDuration,
    )
    .addHelpText(
      "after",
      "\nThe command has the image, variables, secrets, role and resources that the service has in the cluster now. Requests of the" +
        "\nservice do not reach its pod. Ctrl-C stops it. Its exit code is that of the run; other codes are below 64 or from 124 on.",
    )
    .action(async (service, command, options) =>
      (await import("./commands/run.ts")).run(service, command, options, root),
    );

  addForStack("unlock", "remove the lock of a killed update, after showing who holds it", "--stack prod")
    .option("--yes", "do not ask; use it only if no update is running")
    .action(async (options) => (await import("./commands/unlock.ts")).unlock(options, root));

  program.commandsGroup("Look at stacks:");

  add("stacks", "print all stacks side by side: desired, running, when and by whom", "", "--json").action(
    async (options) => (await import("./commands/stacks.ts")).stacks(options, root),
  );

  addForStack("status", "print the desired releases, the last update and the running services", "--stack prod").action(
    async (options) => (await import("./commands/status.ts")).status(options, root),
  );

  addForStack(
    "rollouts",
    "print the blue/green and canary rollouts, how far each is and what it waits for",
    "--stack prod --watch",
  )
    .option("--watch", "print the table again when it changes, until no rollout is under way")
    .action(async (options) => (await import("./commands/rollouts.ts")).rollouts(options, root));

  addForStack("history", "print who deployed what and when, the result and the duration", "--stack prod --limit 50")
    .option("--limit <n>", "most updates to print (default: 20)", parsePositive)
    .action(async (options) => (await import("./commands/history.ts")).history(options, root));

  addForStack(
    "diff",
    "print what differs from another stack, or between the stack's file and what runs",
    "--stack prod",
    "--stack staging --with prod",
  )
    .addOption(stackOption("--with <stack>", "stack to compare with (default: what runs)"))
    .option("--exit-code", "exit with 2 if there are differences")
    .action(async (options) => (await import("./commands/diff.ts")).diff(options, root));

  addForStack(
    "preview",
    "print what an update would change",
    "--stack prod --release v1.4.0",
    "--stack prod --markdown > preview.md",
  )
    .addOption(serviceOption())
    .option("--release <tag>", "preview the deploy of this release (default: what the stack's file says)")
    .option("--markdown", "print Markdown (default unless standard output is a terminal)")
    .option("--comment", "write the preview as a comment on the pull request, or update that comment")
    .option("--pull-request <n>", "number of the pull request (default: the one that CI builds)", parsePositive)
    .option("--events <file>", "read the events that pulumi preview --event-log wrote instead of running a preview")
    .option("--verbose", "print the engine's own lines")
    .action(async (options) => (await import("./commands/preview.ts")).preview(options, root));

  addForStack(
    "drift",
    "compare live resources with the state without changing it; exit code 2 means drift",
    "--stack prod --notify",
  )
    .option("--notify", "notify Slack of drift")
    .action(async (options) => (await import("./commands/drift.ts")).drift(options, root));

  addForStack(
    "logs",
    "print the logs of a service's pods",
    "api --stack prod --follow",
    "api --stack prod --since 15m",
    "api --stack prod --previous",
  )
    .addArgument(new Argument("[service]", "service of the stack"))
    .option("--follow", "go on printing new lines until Ctrl-C")
    .option(
      "--since <duration>",
      "only lines of this time, such as 90s, 15m or 2h (default: the last 200 lines)",
      parseDuration,
    )
    .option("--tail <n>", "lines of each pod (default: 200, or all with --since)", parsePositive)
    .option("--previous", "print the logs of the containers before their last restart")
    .option("--job <name>", "only the pods of this Job (default for cron and job: the last run)")
    .action(async (service, options) => (await import("./commands/logs.ts")).logs(service, options, root));

  addForStack("open", "open the URL of a service in the browser", "web --stack prod")
    .addArgument(new Argument("[service]", "service of the stack (default: the first one with a URL)"))
    .action(async (service, options) => (await import("./commands/open.ts")).open(service, options, root));

  program.commandsGroup("Set up:");

  add(
    "doctor",
    "check what the commands need, and print how to fix what is missing; changes nothing",
    "",
    "--stack prod",
  )
    .addOption(
      stackOption("--stack <name>", "check the access to this stack too")
        .env("SLIPWAY_STACK")
        .makeOptionMandatory(false),
    )
    .action(async (options) => (await import("./commands/doctor.ts")).doctor(options, root));

  add(
    "completion",
    "print the shell's completion script",
    "bash > ~/.local/share/bash-completion/completions/slipway",
    "zsh > ~/.zsh/_slipway",
    "fish > ~/.config/fish/completions/slipway.fish",
  )
    .addArgument(new Argument("<shell>", "shell").choices(["bash", "zsh", "fish"]))
    .addArgument(new Argument("[words...]", "print what completes the last of these words; the script calls this"))
    .action(async (shell, words, options) =>
      (await import("./commands/completion.ts")).completion(program, shell, words, options, root),
    );

  add(
    "import",
    "turn manifests of Kubernetes into services, and list what could not be carried over; changes nothing",
    "k8s/ --out imported",
    "charts/ --env dev=values-dev.yaml --env prod=values-prod.yaml --out imported",
    "--env dev=overlays/dev --env prod=overlays/prod --build api=services/api",
    "--from-cluster --namespace shop --env prod",
  )
    .addArgument(
      new Argument("[paths...]", "files and folders with manifests, charts or kustomizations; - is standard input"),
    )
    .option(
      "--env <name=path>",
      "an environment, and its manifests or its values for the charts; may be repeated",
      parseNamed(true),
    )
    .option("--out <folder>", "write the files there; none is overwritten (default: print them)")
    .option("--build <service=folder>", "build the service's image from this folder; may be repeated", parseNamed())
    .option("--rename <name=new>", "call a service otherwise; may be repeated", parseNamed())
    .option("--ingress-namespace <name>", "keep the ingress controller of today, whose pods are in this namespace")
    .option("--no-digests", "do not ask registries for the digests of tags")
    .option("--from-cluster", "read what runs in a namespace, without its Secrets")
    .option("--namespace <name>", "with --from-cluster: the namespace")
    .option("--context <name>", "with --from-cluster: context of the kubeconfig (default: the current one)")
    .addHelpText(
      "after",
      "\nSecrets are not copied: the list has the command that sets each. docs/import.md says how a team moves.",
    )
    .action(async (paths, options) => (await import("./commands/import.ts")).importServices(paths, options, root));

  program.commandsGroup("Steps of a pipeline:");

  add(
    "version",
    "print the next version, from the last release tag and the pull request's title or label",
    "--title 'feat: gift cards' --dry-run",
    "--push",
  )
    .option("--title <title>", "title of the pull request (default: from CI or GitHub, else from the commit message)")
    .option("--only-new", "print nothing if the commit is the record of a deploy and the change before it is released")
    .option("--push", "tag the commit and push the tag")
    .action(async (options) => (await import("./commands/version.ts")).version(options, root));

  addRecordOptions(
    addForStack(
      "release",
      "write a release into the stack's file and commit it",
      "v1.4.0 --stack prod --push",
      "--stack prod --push",
    )
      .argument("[tag]", "release (default: what the file says; with --push, to push a record that is not pushed yet)")
      .addOption(serviceOption()),
  ).action(async (tag, options) => (await import("./commands/release.ts")).release(tag, options, root));

  addForStack("artifacts", "upload the manifests, bill of materials, log and summary of a deploy to S3", "--stack prod")
    .addOption(runOption())
    .addOption(bucketOption())
    .action(async (options) => (await import("./commands/artifacts.ts")).artifacts(options, root));

  addForStack("tag", "push the git tag <stack>/<release>/<build number> for a deploy", "--stack prod")
    .addOption(runOption())
    .option("--build <n>", "build number (default: CI's, else the time of the deploy)")
    .action(async (options) => (await import("./commands/tag.ts")).tag(options, root));

  addForStack("notify", "notify Slack of the result of a deploy; never fails", "--stack prod --status failure")
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

  return program;
}
