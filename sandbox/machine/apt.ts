import { execa } from "execa";

export interface AptOptions {
  /** Told each line that apt says. */
  progress?: (line: string) => void;
  /** Added to the environment of apt and of the packages' own scripts. */
  env?: Record<string, string>;
}

const settings = [
  // A fresh machine is often at its own first upgrade, which holds the lock for minutes.
  "DPkg::Lock::Timeout=300",
  // A settings file that was changed here would else raise a question, which nobody answers.
  "Dpkg::Options::=--force-confold",
];

/**
 * Runs apt-get without ever asking. Package lists that are empty or old are noticed by the failure that comes of them:
 * they are then fetched, and the command is run once more.
 * @throws Error with apt's last lines.
 */
export async function aptGet(args: readonly string[], { progress = () => {}, env }: AptOptions = {}): Promise<void> {
  const said: string[] = [];
  const run = async (given: readonly string[]): Promise<void> => {
    const running = execa("apt-get", [...settings.flatMap((setting) => ["-o", setting]), ...given], {
      all: true,
      stdin: "ignore",
      env: { DEBIAN_FRONTEND: "noninteractive", ...env },
    });
    for await (const line of running.iterable({ from: "all" })) {
      said.push(line);
      progress(line);
    }
    await running;
  };
  try {
    await run(args).catch(async () => {
      // One broken source among the machine's own must not stand in the way of the others.
      await run(["update"]).catch(() => undefined);
      await run(args);
    });
  } catch (error) {
    throw new Error(said.slice(-6).join("\n") || (error instanceof Error ? error.message : String(error)));
  }
}
