import { stripMarkup } from "../engine/problems.ts";
import type { EngineEvent } from "../engine/run.ts";
import type { StackEnvironment } from "../environment.ts";
import { printWith } from "../output.ts";
import { RolloutReadiness } from "../rollout-readiness.ts";
import { LiveView } from "./live-view.ts";
import { type Change, describeChange, Progress } from "./progress.ts";
import { style } from "./style.ts";

const REDRAW_MILLISECONDS = 500;
/** Without a terminal, what goes on is printed that often if nothing else is. */
const REMINDER_MILLISECONDS = 30_000;
const READINESS_MILLISECONDS = 2_000;

const SIGNS = { running: "•", done: "✔", failed: "✖" } as const;
const COLOURS = { running: "cyan", done: "green", failed: "red" } as const;

/** What follows an update of the engine. */
export interface UpdateFollower {
  onLine: (line: string) => void;
  onEvent: (event: EngineEvent) => void;
  /** Ends the display. */
  stop: () => void;
}

/**
 * Prints the progress of an update to standard error: on a terminal as lines that change, otherwise as lines with the time. The
 * engine's own lines are printed under `verbose` only; errors and warnings always are.
 */
export function followUpdate(
  environment: StackEnvironment,
  { verbose = false, stream = process.stderr }: { verbose?: boolean; stream?: NodeJS.WriteStream } = {},
): UpdateFollower {
  const progress = new Progress();
  const readiness = new RolloutReadiness(environment);
  readiness.start();
  const describe = (change: Change) =>
    describeChange(change, change.service ? readiness.of(change.service) : undefined);
  const display =
    stream.isTTY && !verbose
      ? new LiveDisplay(stream, progress, describe)
      : new LineDisplay(stream, progress, describe);
  // Else the next drawing would erase a message, such as the answer to Ctrl-C.
  printWith((line) => display.print(line));
  const printed = new Set<string>();
  const printMessage = ({ severity, text }: Message) => {
    if ([...printed].some((known) => known.includes(text))) return;
    printed.add(text);
    display.print(severity === "info" ? text : style(SEVERITIES[severity], `${severity}: ${text}`, stream));
  };
  return {
    onLine: (line) => {
      if (verbose) return display.print(line);
      // What the engine says before it writes events.
      const [, severity, text = ""] = /^(error|warning): (.+)/.exec(line) ?? [];
      if (severity !== undefined) printMessage({ severity: severity as Message["severity"], text });
    },
    onEvent: (event) => {
      const change = progress.take(event);
      if (change) display.take(change);
      const message = messageOf(event);
      if (message && !verbose) printMessage(message);
    },
    stop: () => {
      printWith(undefined);
      readiness.stop();
      display.stop();
    },
  };
}

interface Message {
  severity: keyof typeof SEVERITIES;
  text: string;
}

const SEVERITIES = { error: "red", warning: "yellow", info: "dim" } as const;

/** Errors, warnings, and what the program itself has to say. Builds and providers say too much. */
function messageOf({ diagnosticEvent }: EngineEvent): Message | undefined {
  if (diagnosticEvent === undefined || diagnosticEvent.ephemeral) return undefined;
  const { severity, urn = "", message } = diagnosticEvent;
  const text = stripMarkup(message).replace(/^(error|warning|info): /, "");
  if (text === "" || FAILED.test(text)) return undefined;
  if (severity === "info")
    return urn === "" || urn.includes("::pulumi:pulumi:Stack::") ? { severity, text } : undefined;
  return severity === "error" || severity === "warning" ? { severity, text } : undefined;
}

/** The engine's last words after any failure. The command says it better. */
const FAILED = /^update failed$/;

interface Display {
  print: (line: string) => void;
  take: (change: Change) => void;
  stop: () => void;
}

/** What is done stays; what goes on is written again twice a second. */
class LiveDisplay implements Display {
  private readonly view: LiveView;
  private readonly timer: NodeJS.Timeout;

  private readonly stream: NodeJS.WriteStream;
  private readonly progress: Progress;
  private readonly describe: (change: Change) => string;

  constructor(stream: NodeJS.WriteStream, progress: Progress, describe: (change: Change) => string) {
    this.stream = stream;
    this.progress = progress;
    this.describe = describe;
    this.view = new LiveView(stream);
    this.timer = setInterval(() => this.draw(), REDRAW_MILLISECONDS);
    this.timer.unref();
  }

  print(line: string): void {
    this.view.print(line);
    this.draw();
  }

  take(change: Change): void {
    if (change.result === "running") this.draw();
    else this.print(this.line(change));
  }

  stop(): void {
    clearInterval(this.timer);
    this.view.clear();
  }

  private draw(): void {
    this.view.show(this.progress.running.map((change) => this.line(change)));
  }

  private line(change: Change): string {
    return `${style(COLOURS[change.result], SIGNS[change.result], this.stream)} ${this.describe(change)}`;
  }
}

/** Each line begins with the time. What goes on is printed when its readiness changes, and as a reminder. */
class LineDisplay implements Display {
  private readonly timer: NodeJS.Timeout;
  private readonly last = new Map<string, { text: string; at: number }>();

  private readonly stream: NodeJS.WriteStream;
  private readonly progress: Progress;
  private readonly describe: (change: Change) => string;

  constructor(stream: NodeJS.WriteStream, progress: Progress, describe: (change: Change) => string) {
    this.stream = stream;
    this.progress = progress;
    this.describe = describe;
    this.timer = setInterval(() => this.report(), READINESS_MILLISECONDS);
    this.timer.unref();
  }

  print(line: string): void {
    this.stream.write(`${line}\n`);
  }

  take(change: Change): void {
    // A resource that is not a service is usually done at once.
    if (change.result === "running" && !change.service) this.remember(change);
    else this.write(change);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private report(): void {
    for (const change of this.progress.running) {
      const last = this.last.get(change.urn);
      const isReminder = Date.now() - (last?.at ?? 0) >= REMINDER_MILLISECONDS;
      if (isReminder || (change.service && last?.text !== this.state(change))) this.write(change);
    }
  }

  private write(change: Change): void {
    this.remember(change);
    const sign = style(COLOURS[change.result], SIGNS[change.result], this.stream);
    this.print(`${new Date().toISOString().slice(11, 19)} ${sign} ${this.describe(change)}`);
  }

  private remember(change: Change): void {
    this.last.set(change.urn, { text: this.state(change), at: Date.now() });
  }

  /** Without the seconds, which change always. */
  private state(change: Change): string {
    return this.describe(change).replace(/, \d+ s$/, "");
  }
}
