/** Milliseconds between two lines where every line stays on the screen, and where it replaces the one before. */
const PLAIN_INTERVAL = 15_000;
const LIVE_INTERVAL = 100;

/** Passes a long step's progress on to its task, not faster than a reader can follow, with the seconds it has taken. */
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
