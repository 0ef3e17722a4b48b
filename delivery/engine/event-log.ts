import { readFileSync } from "node:fs";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { redactJson } from "../secrets.ts";

export type { EngineEvent };

/** The events in a file that `--event-log` wrote: one JSON object per line. */
export class EventLog {
  readonly events: EngineEvent[] = [];
  private hasBrokenLine = false;
  private hasGap = false;
  private lastSequence: number | undefined;

  /** Adds a line of the file, secrets masked. @returns its event, undefined if the line is empty or incomplete */
  add(line: string): EngineEvent | undefined {
    if (line.trim() === "") return undefined;
    try {
      const event = redactJson(JSON.parse(line)) as EngineEvent;
      if (typeof event !== "object" || event === null) throw new TypeError("not an event");
      this.findGap(event);
      this.events.push(event);
      return event;
    } catch {
      this.hasBrokenLine = true;
      return undefined;
    }
  }

  /** The engine numbers its events, and goes on after one that it could not write. */
  private findGap({ sequence }: EngineEvent): void {
    if (this.lastSequence !== undefined && sequence > this.lastSequence + 1) this.hasGap = true;
    this.lastSequence = sequence;
  }

  /** The engine wrote its last event, and none is missing before it. */
  get isComplete(): boolean {
    return (
      !this.hasBrokenLine &&
      !this.hasGap &&
      this.events.some(({ cancelEvent, summaryEvent }) => cancelEvent ?? summaryEvent)
    );
  }

  /** The log has a beginning but no end: the engine was killed, or could not write. */
  get isCutOff(): boolean {
    return (
      this.hasBrokenLine || this.hasGap || (!this.isComplete && this.events.some(({ preludeEvent }) => preludeEvent))
    );
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
