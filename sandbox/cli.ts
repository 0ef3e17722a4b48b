import "../components/fast-start.ts";
import { Command, Option } from "commander";
import type { StackOptions } from "./engine/stack-file.ts";

// Each command loads what it needs when it runs: --help and status do not wait for the engine.
const cli = new Command("npm run sandbox --")
  .description("Slipway's platform on one machine: a Kubernetes cluster, a registry and the real Pulumi engine.")
  .showHelpAfterError("(--help lists the commands)");

const stackOption = new Option("--stack <name>", "stack of stacks/Pulumi.<name>.yaml").default("local");
const releaseOption = new Option("--release <tag>", "deploy this tag instead of the stack file's slipway:release");
const configOption = new Option("--config-file <file>", "use this stack file instead of stacks/Pulumi.<stack>.yaml");

cli
  .command("up", { isDefault: true })
  .alias("start")
  .description("start the platform and deploy the stack")
  .addOption(stackOption)
  .addOption(releaseOption)
  .addOption(configOption)
  .action(async (options: StackOptions) => {
    (await import("./engine/cluster-claim.ts")).claimCluster(options);
    // Loaded while the platform is being checked.
    const engine = import("./engine/commands.ts");
    await startPlatform("up", options);
    process.exitCode = await (await engine).up(options);
  });

for (const [name, description] of [
  ["preview", "show what an update would change"],
  ["refresh", "update the state to match the live resources"],
  ["destroy", "delete the stack's resources; the platform keeps running"],
] as const) {
  cli
    .command(name)
    .description(description)
    .addOption(stackOption)
    .addOption(releaseOption)
    .addOption(configOption)
    .action(async (options: StackOptions) => {
      await startPlatform(name, options);
      if (name === "destroy") (await import("./cluster/wipe.ts")).noteDestruction(options.stack);
      process.exitCode = await (await import("./engine/commands.ts"))[name](options);
      if (name === "destroy" && (await import("./cluster/wipe.ts")).isLeftByEks()) await startPlatform(name, options);
    });
}

cli
  .command("status")
  .description("show what is running and whether it is healthy")
  .addOption(stackOption)
  .option("--json", "print JSON")
  .action(async (options: StackOptions & { json?: boolean }) =>
    (await import("./commands/status.ts")).printStatus(options),
  );

cli
  .command("logs")
  .description("show the last log lines of a service's pods or of a platform process")
  .argument("[name]", "service or process; leave it out to list them")
  .option("--lines <n>", "number of lines", "50")
  .addOption(stackOption)
  .action(async (name: string | undefined, options: StackOptions & { lines: string }) =>
    (await import("./commands/logs.ts")).printLogs(name, options),
  );

cli
  .command("env")
  .description(
    'set up a shell so that pulumi and the delivery commands use the sandbox: eval "$(npm run --silent sandbox -- env)"',
  )
  .addOption(stackOption)
  .action(async (options: StackOptions) => (await import("./commands/environment.ts")).printShellEnvironment(options));

cli
  .command("kubectl")
  .description("run kubectl against the platform's cluster")
  .argument("[args...]")
  .allowUnknownOption()
  .helpOption(false)
  .action(async (args: string[]) => (await import("./commands/kubectl.ts")).kubectl(args));

cli
  .command("stop")
  .description("stop everything; the next start continues from the saved state")
  .action(() => changeIdlePlatform("stop", async () => (await import("./platform/stop.ts")).stopPlatform().run()));

cli
  .command("remove")
  .description("stop everything and delete the state; the cache of built tools stays")
  .action(() => changeIdlePlatform("remove", async () => (await import("./platform/stop.ts")).removePlatform().run()));

cli
  .command("test")
  .description("run the checks and all tests")
  .argument("[projects...]", "only these of unit, plugins, chart, workflows, checkov, eks, e2e, nodes, platform")
  .action(async (projects: string[]) => (await import("../test/run.ts")).runTests(projects));

cli
  .command("bench")
  .description("measure rollouts under load, no-op updates and start-up; prints a table and writes JSON")
  .argument("[parts...]", "only these of start, no-op, sandbox, rollouts, strategies, eks")
  .option("--rollouts <n>", "number of rollouts under load", "20")
  .action(async (parts: string[], options: { rollouts: string }) =>
    (await import("../test/bench/bench.ts")).bench(Number(options.rollouts), parts),
  );

/** Starts what the stack needs. First removes what a deleted EKS cluster has left behind. */
async function startPlatform(command: string, options: StackOptions): Promise<void> {
  const { hasArgoCd, hasStrategies, livesInAws } = await import("./engine/stack-file.ts");
  const needs = { aws: livesInAws(options), strategies: hasStrategies(options), gitops: hasArgoCd(options) };
  const { isLeftByEks, wipeCluster } = await import("./cluster/wipe.ts");
  await withLock(command, async () => {
    if (isLeftByEks()) await wipeCluster().run();
    await (await import("./platform/start.ts")).startPlatform(needs).run();
  });
}

/** An engine runs without the platform's lock. Without the platform it would lose its state. */
async function changeIdlePlatform(command: string, work: () => Promise<unknown>): Promise<void> {
  const updating = (await import("./engine/state-locks.ts")).stacksBeingUpdated();
  if (updating.length > 0)
    throw new Error(`${command}: an update of ${updating.join(", ")} is running. Wait for it to end, then try again.`);
  await withLock(command, work);
}

/** Only one command at a time changes the platform. The engine's own lock keeps updates of one stack apart. */
async function withLock(command: string, work: () => Promise<unknown>): Promise<void> {
  // Before the lock, which needs Linux.
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
  // A stack trace does not help a person to fix their input. DEBUG=1 prints it for work on the sandbox itself.
  console.error(process.env.DEBUG ? error : error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
