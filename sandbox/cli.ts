import { Command, Option } from "commander";
import type { StackOptions } from "./engine/stack-file.ts";

// Commands load what they need when they run: --help and status must not wait for the engine.
const cli = new Command("npm run sandbox --")
  .description("Slipway's platform on this one machine: a Kubernetes cluster, a registry and the real engine.")
  .showHelpAfterError("(--help shows what there is)");

const stackOption = new Option("--stack <name>", "stack of stacks/Pulumi.<name>.yaml").default("local");
const releaseOption = new Option("--release <tag>", "deploy this tag in place of the stack file's slipway:release");
const configOption = new Option("--config-file <file>", "use this stack file in place of stacks/Pulumi.<stack>.yaml");

cli
  .command("up", { isDefault: true })
  .alias("start")
  .description("bring the platform up and deploy the stack")
  .addOption(stackOption)
  .addOption(releaseOption)
  .addOption(configOption)
  .action(async (options: StackOptions) => {
    (await import("./engine/cluster-claim.ts")).claimCluster(options);
    // Loaded while the platform is being looked at.
    const engine = import("./engine/commands.ts");
    await platform("up", options);
    await (await engine).update(options);
  });

for (const [name, description] of [
  ["preview", "show what an update would change"],
  ["refresh", "compare the state with what is there"],
  ["destroy", "take the stack's resources away; the platform stays up"],
] as const) {
  cli
    .command(name)
    .description(description)
    .addOption(stackOption)
    .addOption(releaseOption)
    .addOption(configOption)
    .action(async (options: StackOptions) => {
      await platform(name, options);
      if (name === "destroy") (await import("./cluster/wipe.ts")).noteDestruction(options.stack);
      await (await import("./engine/commands.ts"))[name](options);
      if (name === "destroy" && (await import("./cluster/wipe.ts")).isLeftByEks()) await platform(name, options);
    });
}

cli
  .command("status")
  .description("what runs, and whether it is well")
  .addOption(stackOption)
  .option("--json", "for programs")
  .action(async (options: StackOptions & { json?: boolean }) =>
    (await import("./commands/status.ts")).reportStatus(options),
  );

cli
  .command("logs")
  .description("the last lines of a service's pods, or of a process of the platform")
  .argument("[name]", "service or process; without it, the names there are")
  .option("--lines <n>", "how many", "50")
  .addOption(stackOption)
  .action(async (name: string | undefined, options: StackOptions & { lines: string }) =>
    (await import("./commands/logs.ts")).showLogs(name, options),
  );

cli
  .command("env")
  .description(
    'set a shell up for the stack, so that pulumi and the delivery commands meet it: eval "$(npm run --silent sandbox -- env)"',
  )
  .addOption(stackOption)
  .action(async (options: StackOptions) => (await import("./engine/shell-environment.ts")).printShellEnvironment(options));

cli
  .command("kubectl")
  .description("kubectl against the platform's cluster")
  .argument("[args...]")
  .allowUnknownOption()
  .helpOption(false)
  .action(async (args: string[]) => (await import("./commands/kubectl.ts")).kubectl(args));

cli
  .command("stop")
  .description("end everything that runs; the state stays, and the next start goes on from it")
  .action(() => whileNobodyUpdates("stop", async () => (await import("./platform/stop.ts")).stopPlatform().run()));

cli
  .command("remove")
  .description("stop, and delete the state; the cache of built tools stays")
  .action(() => whileNobodyUpdates("remove", async () => (await import("./platform/stop.ts")).removePlatform().run()));

cli
  .command("test")
  .description("format, lint, types, and all tests")
  .argument("[projects...]", "only these of unit, plugins, chart, workflows, checkov, eks, e2e")
  .action(async (projects: string[]) => (await import("../test/run.ts")).runTests(projects));

cli
  .command("bench")
  .description("measure rollouts under load, no-op updates and start-up; prints a table and writes JSON")
  .option("--rollouts <n>", "rollouts under load", "20")
  .action(async (options: { rollouts: string }) =>
    (await import("../test/bench/bench.ts")).bench(Number(options.rollouts)),
  );

/** Brings up what the stack needs; before that, takes away what a cluster of EKS has left when it went. */
async function platform(command: string, options: StackOptions): Promise<void> {
  const aws = (await import("./engine/stack-file.ts")).livesInAws(options);
  const { isLeftByEks, wipeCluster } = await import("./cluster/wipe.ts");
  await locked(command, async () => {
    if (isLeftByEks()) await wipeCluster().run();
    await (await import("./platform/start.ts")).startPlatform({ aws }).run();
  });
}

/** The engine works on without the platform's lock; taking the platform away under it would lose its state. */
async function whileNobodyUpdates(command: string, work: () => Promise<unknown>): Promise<void> {
  const atWork = (await import("./engine/state-locks.ts")).stacksAtWork();
  if (atWork.length > 0)
    throw new Error(`${command}: an update of ${atWork.join(", ")} is under way. Wait for it to end.`);
  await locked(command, work);
}

/** One command at a time changes the platform. Updates of stacks are kept apart by the engine's own lock. */
async function locked(command: string, work: () => Promise<unknown>): Promise<void> {
  // Before the lock, which a machine that is no Linux cannot even take.
  (await import("./machine/requirements.ts")).checkPlatform();
  const { takeLock } = await import("./platform/lock.ts");
  const release = await takeLock(command);
  try {
    await work();
  } finally {
    release();
  }
}

try {
  await cli.parseAsync();
} catch (error) {
  // What a person can mend is said without a stack trace; DEBUG=1 shows it to whoever mends the sandbox.
  console.error(process.env.DEBUG ? error : error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
