import { readFileSync } from "node:fs";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";

export type { EngineEvent };

/** The events in a file that `--event-log` wrote: one JSON object per line. */
export class EventLog {
  readonly events: EngineEvent[] = [];
  private hasBrokenLine = false;

  /** Adds a line of the file. @returns its event, undefined if the line is empty or incomplete */
  add(line: string): EngineEvent | undefined {
    if (line.trim() === "") return undefined;
    try {
      const event = JSON.parse(line) as EngineEvent;
      if (typeof event !== "object" || event === null) throw new TypeError("not an event");
      this.events.push(event);
      return event;
    } catch {
      this.hasBrokenLine = true;
      return undefined;
    }
  }

  /** The engine wrote its last event, so none is missing. */
  get isComplete(): boolean {
    return !this.hasBrokenLine && this.events.some(({ cancelEvent, summaryEvent }) => cancelEvent ?? summaryEvent);
  }

  /** The log has a beginning but no end: the engine was killed, or could not write. */
  get isCutOff(): boolean {
    return this.hasBrokenLine || (!this.isComplete && this.events.some(({ preludeEvent }) => preludeEvent));
  }
}

/** Reads an event log. A file that does not exist has no events. */
export function readEventLog(file: string): EventLog {
  const log = new EventLog();
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // The engine ended before it created the file.
  }
  for (const line of text.split("\n")) log.add(line);
  return log;
}
