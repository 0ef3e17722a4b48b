import type { EventLog } from "./event-log.ts";
import { readProblems } from "./problems.ts";
import { type EngineResult, lastLine } from "./run.ts";

/** What a broken event log is called in messages. */
const CUT_OFF = "The engine's event log ends in the middle: the engine was killed, or its disk was full.";

/** Why a preview or refresh did not come to its end, so that its events say nothing; undefined if it did. */
export function unfinishedReason(engine: EngineResult): string | undefined {
  const { ok, events, log, interrupted, killed, isCutOff } = engine;
  if (interrupted) return `${interrupted} ended it before it was complete.`;
  if (ok) return isCutOff ? CUT_OFF : undefined;
  const problems = readProblems(events).join("\n") || lastLine(log);
  if (killed) {
    const memory = /KILL|137/.test(killed) ? " The machine may have run out of memory." : "";
    return [`The engine was killed (${killed}) before it was complete.${memory}`, problems].filter(Boolean).join("\n");
  }
  return problems || "The engine failed without giving a reason. Run it yourself to see more: pulumi preview -v=3";
}

/** The same for events that were recorded elsewhere, about whose engine nothing else is known. */
export function unfinishedLogReason(log: EventLog): string | undefined {
  return readProblems(log.events).join("\n") || (log.isCutOff ? CUT_OFF : undefined);
}
