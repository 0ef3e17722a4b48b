import type { OutputMap } from "@pulumi/pulumi/automation/index.js";
import { openStack, type StackOptions } from "./engine.ts";
import { type ServiceStatus, serviceStatuses, serviceTable } from "./services.ts";

/** The engine has said what went wrong; there is nothing to add but the way on. */
export class UpdateFailed extends Error {}

interface Call {
  onOutput: (text: string) => void;
  color: "always" | "never";
  configFile: string;
}

/** Runs one engine command on a stack, its output going to the terminal as it comes. */
async function onStack<T>(
  options: StackOptions,
  command: string,
  run: (opened: Awaited<ReturnType<typeof openStack>>, call: Call) => Promise<T>,
): Promise<T> {
  const opened = await openStack(options);
  if (opened.plugins.kind === "stand-in") {
    console.log("Provider plugins: the stand-ins (SANDBOX_PLUGIN_DIR=<folder> takes official ones).");
  }
  const call: Call = {
    onOutput: (text) => process.stdout.write(text),
    color: process.stdout.isTTY ? "always" : "never",
    configFile: opened.configFile,
  };
  // Ctrl-C reaches the engine too, which ends what it is at and writes its state; dying first would leave it without a program.
  const wait = () => console.error("\nStopping when the steps under way have ended …");
  process.once("SIGINT", wait);
  try {
    return await run(opened, call);
  } catch (error) {
    if (isEngineError(error)) throw new UpdateFailed(`${command} of the stack ${options.stack} failed: see above.`);
    throw error;
  } finally {
    process.off("SIGINT", wait);
  }
}

/** Deploys, and says what runs afterwards, after a failure too. */
export async function update(options: StackOptions): Promise<void> {
  try {
    await onStack(options, "The update", ({ stack }, call) => stack.up(call));
  } catch (error) {
    if (error instanceof UpdateFailed) console.log(`\nWhat runs now:\n${serviceTable(await runningServices(options))}`);
    throw error;
  }
  console.log(serviceTable(await runningServices(options)));
}

export async function preview(options: StackOptions): Promise<void> {
  await onStack(options, "The preview", ({ stack }, call) => stack.preview({ ...call, diff: true }));
}

export async function refresh(options: StackOptions): Promise<void> {
  await onStack(options, "The refresh", ({ stack }, call) => stack.refresh(call));
}

export async function destroy(options: StackOptions): Promise<void> {
  await onStack(options, "The destruction", ({ stack }, call) => stack.destroy(call));
}

/** What runs of a stack's services. */
export async function runningServices(options: StackOptions): Promise<Record<string, ServiceStatus>> {
  const { stack } = await openStack(options);
  const outputs: OutputMap = await stack.outputs();
  const namespace = outputs.namespace?.value as string | undefined;
  return namespace ? serviceStatuses(namespace) : {};
}

function isEngineError(error: unknown): boolean {
  return (
    error instanceof Error &&
    /CommandError|ConcurrentUpdateError|StackNotFoundError/.test(error.name + error.constructor.name)
  );
}
