import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { EngineEvent } from "./engine/run.ts";
import { Failure } from "./failure.ts";
import { redact } from "./secrets.ts";
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
  status: "succeeded" | "failed";
  /** Why it failed. */
  reason?: string;
  /** Commit that was deployed; the record's own commit comes after it. */
  commit?: string;
  /** Files that were deployed as no commit has them. */
  uncommitted?: string[];
  /** URL of CI's log. */
  url?: string;
  build?: string;
  /** Bucket for the artifacts, and its region. */
  bucket?: string;
  region?: string;
}

/** Ignored by git. CI uploads it. */
const RUNS = ".slipway/runs";

const FILES = { run: "run.json", log: "update.log", events: "events.jsonl" } as const;

/** @returns the folder, relative to the project. */
export function writeRun(root: string, run: DeployRun, log: string, events: readonly EngineEvent[]): string {
  const name = `${run.startedAt.replaceAll(/[-:]/g, "").slice(0, 15)}-${run.stack}-${run.action}`;
  const folder = join(root, RUNS, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILES.log), redact(log));
  writeFileSync(join(folder, FILES.events), redact(events.map((event) => `${JSON.stringify(event)}\n`).join("")));
  // Last: a folder with this file is complete.
  writeFileSync(join(folder, FILES.run), `${redact(JSON.stringify(run, undefined, 2))}\n`);
  return relative(root, folder);
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
 * @param folder as given on the command line. @default - the stack's newest
 * @throws Failure if there is none, or it is incomplete.
 */
export function readRun(root: string, stack: string, folder?: string): StoredRun {
  const found = folder ?? findNewest(root, stack);
  if (found === undefined)
    throw new Failure(`${RUNS} has no run of ${stack}. Deploy first, or name a folder with --run.`);
  const file = join(root, found, FILES.run);
  if (!existsSync(file))
    throw new Failure(`--run ${found}: it contains no ${FILES.run}. Name a folder in ${RUNS} that a deploy wrote.`);
  const run = parseRun(readFileSync(file, "utf8"), found);
  if (run.stack !== stack) throw new Failure(`--run ${found}: it is a run of ${run.stack}, but --stack says ${stack}.`);
  return { run, folder: found, log: readFileSync(join(root, found, FILES.log), "utf8") };
}

/** `<time>-<stack>-<action>` */
const RUN = /^\d{8}T\d{6}-(.+)-(?:deploy|rollback|restart)$/;

function parseRun(text: string, folder: string): DeployRun {
  try {
    return JSON.parse(text) as DeployRun;
  } catch {
    throw new Failure(`--run ${folder}: its ${FILES.run} is incomplete. Name another folder.`);
  }
}

function findNewest(root: string, stack: string): string | undefined {
  const names = existsSync(join(root, RUNS)) ? readdirSync(join(root, RUNS)) : [];
  const own = names.filter((name) => RUN.exec(name)?.[1] === stack);
  const newest = own.sort().at(-1);
  return newest && join(RUNS, newest);
}
