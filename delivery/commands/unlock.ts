import { isHolderRunning, readLocks, type StackLock } from "../engine/locks.ts";
import { breakLock } from "../engine/run.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { type CommonOptions, info, printResult } from "../output.ts";
import { readStackFile } from "../stack-file.ts";
import { confirm } from "../terminal/confirm.ts";
import { isAttended } from "../terminal/style.ts";
import { formatAge, formatTime } from "../terminal/time.ts";

export interface UnlockOptions extends CommonOptions {
  stack: string;
  /** Do not ask. Only safe if no update is running. @default false */
  yes?: boolean;
}

/**
 * Removes the lock of a killed update, after showing who holds it.
 *
 * @throws Failure if its holder is running on this machine, nobody confirms, or another update took the lock meanwhile.
 */
export async function unlock(options: UnlockOptions, root: string): Promise<void> {
  const { stack, dryRun } = options;
  readStackFile(root, stack);
  const locks = await readLocks(root, stack);
  if (locks?.length === 0) return printResult(options, { stack, locks, unlocked: false }, `${stack} is not locked.`);
  const holders = locks?.map(describe) ?? ["This backend does not tell who holds the lock."];
  for (const holder of holders) info(holder);
  for (const lock of locks ?? []) {
    if (!(await isHolderRunning(lock))) continue;
    throw new Failure(
      `unlock: pulumi is running on this machine, as process ${lock.pid}. To end it in order: kill -INT ${lock.pid}`,
      EXIT.locked,
    );
  }
  if (dryRun) {
    info(`Would run: pulumi cancel --stack ${stack}`);
    return printResult(options, { dryRun: true, stack, locks }, "");
  }
  await approve(options);
  const now = await readLocks(root, stack);
  if (filesOf(now) !== filesOf(locks)) {
    throw new Failure(`unlock: another update took the lock of ${stack} meanwhile. Nothing was removed.`, EXIT.locked);
  }
  await breakLock(root, stack);
  printResult(
    options,
    { stack, locks, unlocked: true },
    `${stack} is unlocked. To resume the interrupted update: npm run slipway -- deploy --stack ${stack}`,
  );
}

/** With a self-managed backend an update that still runs goes on without its lock. */
async function approve({ stack, yes }: UnlockOptions): Promise<void> {
  if (yes) return;
  const warning =
    "Two updates at once damage the state. First make sure that this one has ended (docs/runbooks/stuck-lock.md)";
  if (!isAttended()) throw new Failure(`unlock: ${warning}, then add --yes. Nothing was removed.`, EXIT.locked);
  info(`${warning}.`);
  if (!(await confirm(`Has the update of ${stack} ended? Remove its lock?`))) {
    throw new Failure("Nothing was removed.", EXIT.locked);
  }
}

function describe({ user, host, pid, at }: StackLock): string {
  return `Locked by ${user}@${host} (pid ${pid}) since ${formatTime(at)}${formatAge(at)}`;
}

function filesOf(locks: readonly StackLock[] | undefined): string {
  return (locks ?? [])
    .map(({ file }) => file)
    .sort()
    .join("\n");
}
