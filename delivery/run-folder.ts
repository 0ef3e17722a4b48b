import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { EngineEvent } from "./engine/event-log.ts";
import { Failure, reasonOf } from "./failure.ts";
import { warn } from "./output.ts";
import { redact, redactJson } from "./secrets.ts";
import type { ServiceOutcome } from "./service-outcome.ts";

/** A deploy, rollback or restart that has ended. */
export interface DeployRun {
  stack: string;
  action: "deploy" | "rollback" | "restart";
  /** The desired releases: `v1.3.0, api v1.2.9`. */
  release: string;
  /** The releases before. */
  previous: string;
  /** Services that the update changed or tried to change. */
  services: ServiceOutcome[];
  /** Images by service, from the stack's outputs: `repository@sha256:…`. */
  images: Record<string, { release: string; image: string }>;
  actor: string;
  /** RFC 3339. */
  startedAt: string;
  seconds: number;
  /** Cancelled: a signal ended it, and parts of it may be done. */
  status: "succeeded" | "failed" | "cancelled";
  /** Why it did not succeed. */
  reason?: string;
  /** Commit that was deployed; the record's own commit comes after it. */
  commit?: string;
  /** Files that were deployed as no commit has them. */
  uncommitted?: string[];
  /** The commit that Argo CD rolls out, of a stack whose services it rolls out. */
  manifests?: {
    repository: string;
    branch: string;
    commit: string;
    /** The run ended before Argo CD had rolled it out. @default false */
    unseen?: boolean;
    /** Where the commit waits for its review: the URL of its pull request, or its branch. Undefined: it is on the branch. */
    review?: string;
    /** Argo CD notifies Slack of what becomes of it. @default false */
    argoCdNotifies?: boolean;
  };
  /** URL of CI's log. */
  url?: string;
  build?: string;
  /** Bucket for the artifacts, and its region. */
  bucket?: string;
  region?: string;
}

const STATUSES: readonly string[] = ["succeeded", "failed", "cancelled"] satisfies DeployRun["status"][];

/** Ignored by git. CI uploads it. */
const RUNS = ".slipway/runs";

const FILES = { run: "run.json", log: "update.log", events: "events.jsonl" } as const;

/**
 * Stores a run. If the project's folder is not writable, a temporary folder is used. The update is over, so a failure is only a warning.
 *
 * @returns the folder, as --run takes it: relative to the project if it is in it.
 */
export function writeRun(root: string, run: DeployRun, log: string, events: readonly EngineEvent[]): string {
  const name = `${run.startedAt.replaceAll(/[-:]/g, "").slice(0, 15)}-${run.stack}-${run.action}`;
  const folder = join(root, RUNS, name);
  try {
    writeFiles(folder, run, log, events);
    return relative(root, folder);
  } catch (error) {
    return writeElsewhere(name, error, (other) => writeFiles(other, run, log, events)) ?? relative(root, folder);
  }
}

function writeElsewhere(name: string, error: unknown, write: (folder: string) => void): string | undefined {
  const fault = `${RUNS} cannot be written (${reasonOf(error)})`;
  const remedy = `Make it yours again: sudo chown -R "$(id -u)" ${RUNS.split("/")[0]}`;
  try {
    const folder = join(mkdtempSync(join(tmpdir(), "slipway-run-")), name);
    write(folder);
    warn(`${fault}. This run is in ${folder}. ${remedy}`);
    return folder;
  } catch {
    warn(`${fault}, and neither can ${tmpdir()}. This run is not stored. ${remedy}`);
    return undefined;
  }
}

/** A log may say what no mask knows. */
const OWNER_ONLY = { mode: 0o600 };

function writeFiles(folder: string, run: DeployRun, log: string, events: readonly EngineEvent[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, FILES.log), redact(log), OWNER_ONLY);
  // One by one: together they may be longer than a string can be.
  const file = openSync(join(folder, FILES.events), "w", OWNER_ONLY.mode);
  try {
    for (const event of events) writeSync(file, `${JSON.stringify(redactJson(event))}\n`);
  } finally {
    closeSync(file);
  }
  // Last: a folder with this file is complete.
  writeFileSync(join(folder, FILES.run), `${JSON.stringify(redactJson(run), undefined, 2)}\n`, OWNER_ONLY);
}

export interface StoredRun {
  run: DeployRun;
  /** Relative to the project. */
  folder: string;
  log: string;
}

/**
 * Reads the folder of an earlier deploy, rollback or restart.
 *
 * @param folder as given on the command line: absolute, or relative to the project. @default - the stack's newest
 * @throws Failure if there is none, it is incomplete, or this release of Slipway cannot read it.
 */
export function readRun(root: string, stack: string, folder?: string): StoredRun {
  const found = folder ?? findNewest(root, stack);
  if (found === undefined)
    throw new Failure(`${RUNS} has no run of ${stack}. Deploy first, or name a folder with --run.`);
  const path = resolve(root, found);
  const file = join(path, FILES.run);
  if (!existsSync(file))
    throw new Failure(`--run ${found}: it contains no ${FILES.run}. Name a folder in ${RUNS} that a deploy wrote.`);
  const run = parseRun(readFile(file, found), found);
  if (run.stack !== stack) throw new Failure(`--run ${found}: it is a run of ${run.stack}, but --stack says ${stack}.`);
  const inside = relative(root, path);
  const log = join(path, FILES.log);
  return {
    run,
    folder: inside.startsWith("..") || isAbsolute(inside) ? path : inside,
    log: existsSync(log) ? readFile(log, found) : "",
  };
}

/** `<time>-<stack>-<action>` */
const RUN = /^\d{8}T\d{6}-(.+)-(?:deploy|rollback|restart)$/;

function readFile(file: string, folder: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`--run ${folder}: it cannot be read (${reasonOf(error)}). Name another folder.`);
  }
}

/** A run that another release of Slipway wrote may lack what this one needs; what it only shows may be missing. */
function parseRun(text: string, folder: string): DeployRun {
  let run: Partial<DeployRun> | null;
  try {
    run = JSON.parse(text) as Partial<DeployRun> | null;
  } catch {
    throw new Failure(`--run ${folder}: its ${FILES.run} is incomplete. Name another folder.`);
  }
  const required = ["stack", "action", "release", "startedAt", "status"] as const;
  const missing = required.filter((key) => typeof run?.[key] !== "string");
  if (missing.length > 0) {
    throw new Failure(
      `--run ${folder}: its ${FILES.run} has no ${missing.join(", ")}. Another release of Slipway wrote it. Name another folder.`,
    );
  }
  const { services, images, previous, actor, seconds, ...rest } = run as DeployRun;
  if (!STATUSES.includes(rest.status)) {
    throw new Failure(
      `--run ${folder}: its status is ${rest.status}; known are ${STATUSES.join(", ")}. Another release of Slipway wrote it. Name another folder.`,
    );
  }
  return {
    ...rest,
    previous: typeof previous === "string" ? previous : rest.release,
    actor: typeof actor === "string" ? actor : "unknown",
    seconds: typeof seconds === "number" ? seconds : 0,
    services: Array.isArray(services) ? services : [],
    images: typeof images === "object" && images !== null ? images : {},
  };
}

function findNewest(root: string, stack: string): string | undefined {
  const own = listRuns(root).filter((name) => RUN.exec(name)?.[1] === stack);
  const newest = own.sort().at(-1);
  return newest && join(RUNS, newest);
}

function listRuns(root: string): string[] {
  const folder = join(root, RUNS);
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch (error) {
    throw new Failure(`${RUNS} cannot be read (${reasonOf(error)}). Name a folder with --run.`);
  }
}
