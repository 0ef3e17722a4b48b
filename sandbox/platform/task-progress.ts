/** Milliseconds between two lines: in a log, and on a terminal, where each replaces the one before. */
const PLAIN_INTERVAL = 15_000;
const LIVE_INTERVAL = 100;

/** Shows a long step's progress with the seconds it has taken, at a rate that a reader can follow. */
export function progressTo(task: { output: string }): (line: string) => void {
  const interval = process.stdout.isTTY ? LIVE_INTERVAL : PLAIN_INTERVAL;
  const begun = Date.now();
  let shown = begun;
  return (line) => {
    const now = Date.now();
    if (now - shown < interval) return;
    shown = now;
    task.output = `${Math.round((now - begun) / 1000)} s: ${line}`;
  };
}
