import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { EngineEvent } from "./engine/run.ts";
import { Failure } from "./failure.ts";
import { redact } from "./secrets.ts";

/** A deploy, rollback or restart that was carried out: what is told of it afterwards. */
export interface DeployRun {
  stack: string;
  action: "deploy" | "rollback" | "restart";
  /** What the stack was to run, in words: `v1.3.0, api v1.2.9`. */
  release: string;
  /** What it ran before. */
  previous: string;
  /** Services whose release changed. */
  services: { name: string; from?: string; to?: string }[];
  /** Images by service, as the stack's outputs have them: `repository@sha256:…`. */
  images: Record<string, { release: string; image: string }>;
  actor: string;
  /** RFC 3339. */
  startedAt: string;
  seconds: number;
  status: "succeeded" | "failed";
  /** Why it failed, for people. */
  reason?: string;
  /** Commit that was deployed from, the record's own aside. */
  commit?: string;
  /** CI's log. */
  url?: string;
  build?: string;
  /** Bucket for the artifacts, and its region. */
  bucket?: string;
  region?: string;
}

/** Not in git: what CI uploads, or a person looks into. */
const RUNS = ".slipway/runs";

const FILES = { run: "run.json", log: "update.log", events: "events.jsonl" } as const;

/** @returns the folder, relative to the project. */
export function writeRun(root: string, run: DeployRun, log: string, events: readonly EngineEvent[]): string {
  const name = `${run.startedAt.replaceAll(/[-:]/g, "").slice(0, 15)}-${run.stack}-${run.action}`;
  const folder = join(root, RUNS, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, FILES.log), redact(log));
  writeFileSync(join(folder, FILES.events), redact(events.map((event) => `${JSON.stringify(event)}\n`).join("")));
  // Last: where it is, the rest is.
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
 * What an earlier command wrote.
 *
 * @param folder as given on the command line. @default - the stack's newest
 * @throws Failure if there is none.
 */
export function readRun(root: string, stack: string, folder?: string): StoredRun {
  const found = folder ?? newestOf(root, stack);
  if (found === undefined)
    throw new Failure(`${RUNS} has no run of ${stack}. Deploy first, or name a folder by --run.`);
  const file = join(root, found, FILES.run);
  if (!existsSync(file))
    throw new Failure(`--run ${found}: there is no ${FILES.run} in it. Name a folder that a deploy wrote, in ${RUNS}.`);
  const run = parseRun(readFileSync(file, "utf8"), found);
  if (run.stack !== stack) throw new Failure(`--run ${found}: it is a run of ${run.stack}, and --stack says ${stack}.`);
  return { run, folder: found, log: readFileSync(join(root, found, FILES.log), "utf8") };
}

/** `<when>-<stack>-<action>` */
const RUN = /^\d{8}T\d{6}-(.+)-(?:deploy|rollback|restart)$/;

function parseRun(text: string, folder: string): DeployRun {
  try {
    return JSON.parse(text) as DeployRun;
  } catch {
    throw new Failure(`--run ${folder}: its ${FILES.run} was cut off while it was written. Name another folder.`);
  }
}

function newestOf(root: string, stack: string): string | undefined {
  const names = existsSync(join(root, RUNS)) ? readdirSync(join(root, RUNS)) : [];
  const own = names.filter((name) => RUN.exec(name)?.[1] === stack);
  const newest = own.sort().at(-1);
  return newest && join(RUNS, newest);
}
