/** Exit codes of the commands. docs/commands.md and `--help` print this table. `run` ends with the code of what it runs. */
export const EXIT = {
  ok: 0,
  refused: 1,
  different: 2,
  failed: 3,
  locked: 4,
  notReady: 5,
  usage: 64,
  timedOut: 124,
  notRun: 125,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, for people and for scripts. */
const MEANINGS: Record<keyof typeof EXIT, string> = {
  ok: "done",
  refused: "refused, or not possible: nothing was changed. The message says why",
  different: "drift found something, or diff --exit-code found a difference: nothing was changed",
  failed: "the update began and failed: services may run different releases",
  locked: "another update holds the stack's lock: nothing was changed",
  notReady: "status: services do not run as the stack's file says",
  usage: "an option or argument is missing, unknown or malformed: nothing was done",
  timedOut: "run: the command did not end in time and was stopped",
  notRun: "run: the command did not start, or nobody knows how it ended",
  interrupted: "run: Ctrl-C or another signal stopped the command",
};

/** The table as rows of code and meaning. */
export const EXIT_CODES: readonly (readonly [ExitCode, string])[] = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map(
  (name) => [EXIT[name], MEANINGS[name]],
);
