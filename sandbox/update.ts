import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { openStack } from "./engine.ts";
import { describePlugins } from "./providers/install.ts";
import { serviceStatuses, serviceTable } from "./services.ts";
import { namespaceOf, type StackOptions, withStackFile } from "./stack-file.ts";

/** The engine has said what went wrong; there is nothing to add but the way on. */
export class UpdateFailed extends Error {}

interface Call {
  configFile: string;
  showSecrets: false;
  color: "always" | "never";
  onOutput: (text: string) => void;
  onError: (text: string) => void;
}

/** Deploys, and says what runs afterwards, after a failure too. */
export async function update(options: StackOptions): Promise<void> {
  const sayWhatRuns = async () => {
    const namespace = namespaceOf(options);
    console.log(`\nWhat runs now:\n${serviceTable(namespace ? await serviceStatuses(namespace) : {})}`);
  };
  try {
    await onStack(options, "The update", (stack, call) => stack.up(call));
  } catch (error) {
    if (error instanceof UpdateFailed) await sayWhatRuns();
    throw error;
  }
  await sayWhatRuns();
}

/** Shows what an update would change. */
export async function preview(options: StackOptions): Promise<void> {
  await onStack(options, "The preview", (stack, call) => stack.preview({ ...call, diff: true }));
}

/** Takes what is there into the state. */
export async function refresh(options: StackOptions): Promise<void> {
  await onStack(options, "The refresh", (stack, call) => stack.refresh(call));
}

/** Takes the stack's resources away. */
export async function destroy(options: StackOptions): Promise<void> {
  await onStack(options, "The destruction", async (stack, call) => {
    // As the CLI does it: what is protected is refused before the rest has been taken away.
    const said: string[] = [];
    const quietly = {
      ...call,
      onOutput: (text: string) => said.push(text),
      onError: (text: string) => said.push(text),
    };
    try {
      await stack.previewDestroy(quietly);
    } catch (error) {
      process.stdout.write(said.join(""));
      throw error;
    }
    await stack.destroy(call);
  });
}

/** Runs one engine command on a stack, its output going to the terminal as it comes. */
async function onStack(
  options: StackOptions,
  command: string,
  run: (stack: Stack, call: Call) => Promise<unknown>,
): Promise<void> {
  await withStackFile(options, async (configFile) => {
    const { stack, plugins } = await openStack(options);
    console.log(`Provider plugins: ${describePlugins(plugins)}.`);
    const restore = leaveSignalsToTheEngine();
    try {
      await run(stack, {
        configFile,
        // Of the update's summary, which nobody reads; some stacks' secrets cannot be opened here.
        showSecrets: false,
        color: process.stdout.isTTY ? "always" : "never",
        onOutput: (text) => process.stdout.write(text),
        onError: (text) => process.stderr.write(text),
      });
    } catch (error) {
      if (isEngineError(error)) throw new UpdateFailed(`${command} of the stack ${options.stack} failed: see above.`);
      throw error;
    } finally {
      restore();
    }
  });
}

/**
 * Ctrl-C reaches the engine as it reaches us, and it ends what it is at and writes its state. Dying first would leave it
 * without a program. npm passes each signal on once more, so the second one of a Ctrl-C is no wish to kill.
 */
function leaveSignalsToTheEngine(): () => void {
  let said = false;
  const wait = () => {
    if (!said) console.error("\nStopping when the steps under way have ended …");
    said = true;
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, wait);
  return () => {
    for (const signal of signals) process.off(signal, wait);
  };
}

function isEngineError(error: unknown): boolean {
  return error instanceof Error && /CommandError|ConcurrentUpdateError/.test(error.name + error.constructor.name);
}
