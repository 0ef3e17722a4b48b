import { execa } from "execa";

export interface AptOptions {
  /** Called with each line that apt prints. */
  progress?: (line: string) => void;
  /** Added to the environment of apt and of the packages' own scripts. */
  env?: Record<string, string>;
}

const settings = [
  // A new machine often runs its first upgrade, which holds the lock for minutes.
  "DPkg::Lock::Timeout=300",
  // Otherwise apt would ask what to do with a settings file that was changed, and wait for an answer.
  "Dpkg::Options::=--force-confold",
];

/**
 * Runs apt-get without questions. If it fails, which empty or old package lists cause, the lists are updated and the command
 * runs once more.
 * @throws Error with apt's last lines.
 */
export async function aptGet(args: readonly string[], { progress = () => {}, env }: AptOptions = {}): Promise<void> {
  const output: string[] = [];
  const run = async (given: readonly string[]): Promise<void> => {
    const running = execa("apt-get", [...settings.flatMap((setting) => ["-o", setting]), ...given], {
      all: true,
      stdin: "ignore",
      env: { DEBIAN_FRONTEND: "noninteractive", ...env },
    });
    for await (const line of running.iterable({ from: "all" })) {
      output.push(line);
      progress(line);
    }
    await running;
  };
  try {
    await run(args).catch(async () => {
      // One broken source of the machine must not block the others.
      await run(["update"]).catch(() => undefined);
      await run(args);
    });
  } catch (error) {
    throw new Error(output.slice(-6).join("\n") || (error instanceof Error ? error.message : String(error)));
  }
}
