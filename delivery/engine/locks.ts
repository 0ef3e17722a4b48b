import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { Failure, reasonOf } from "../failure.ts";
import { readBackend, readProjectName } from "./backend.ts";

/** A lock that an update holds, or left behind when it was killed. */
export interface StackLock {
  /** File that holds it. */
  file: string;
  /** RFC 3339. */
  at: string;
  user: string;
  host: string;
  pid: number;
}

/**
 * The locks of a stack whose state is in a folder or in S3.
 *
 * @returns undefined for other backends, which do not show their locks
 * @throws Failure if the backend cannot be read.
 */
export async function readLocks(root: string, stack: string): Promise<StackLock[] | undefined> {
  const { url } = await readBackend(root);
  const folder = `.pulumi/locks/organization/${readProjectName(root)}/${stack}`;
  const files = url.startsWith("file://")
    ? readFolder(join(resolve(root, url.slice("file://".length).replace(/^~/, homedir())), folder))
    : url.startsWith("s3://")
      ? await readBucket(new URL(url), folder)
      : undefined;
  return files && Object.entries(files).flatMap(([file, text]) => parseLock(file, text) ?? []);
}

/** Whether the engine that took a lock runs on this machine. A killed engine's number may belong to another process by now. */
export async function isHolderRunning({ host, pid }: StackLock): Promise<boolean> {
  if (host !== hostname()) return false;
  const { stdout } = await execa("ps", ["-p", String(pid), "-o", "comm="], { reject: false });
  // Without ps: a process of this number is taken for the engine.
  return stdout === undefined ? isAlive(pid) : stdout.includes("pulumi");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function parseLock(file: string, text: string): StackLock | undefined {
  if (!file.endsWith(".json")) return undefined;
  try {
    const { pid, username, hostname, timestamp } = JSON.parse(text);
    return { file, at: String(timestamp), user: String(username), host: String(hostname), pid: Number(pid) };
  } catch {
    // A lock that cannot be read locks all the same.
    return { file, at: "", user: "unknown", host: "unknown", pid: 0 };
  }
}

function readFolder(folder: string): Record<string, string> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(names.map((name) => [join(folder, name), readFileSync(join(folder, name), "utf8")]));
}

/** @param url with the parameters that the engine takes, such as `?region=…&endpoint=…&s3ForcePathStyle=true` */
async function readBucket(url: URL, folder: string): Promise<Record<string, string>> {
  const { S3Client, ListObjectsV2Command, GetObjectCommand } = await import("@aws-sdk/client-s3");
  const option = (name: string) => url.searchParams.get(name) ?? undefined;
  const endpoint = option("endpoint");
  const region = option("region");
  const s3 = new S3Client({
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000 },
    forcePathStyle: option("s3ForcePathStyle") === "true",
    ...(region && { region }),
    ...(endpoint && { endpoint: /^https?:/.test(endpoint) ? endpoint : `https://${endpoint}` }),
  });
  const Prefix = [url.pathname.slice(1), `${folder}/`].filter(Boolean).join("/");
  try {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: url.hostname, Prefix }));
    const files = Contents.map(async ({ Key = "" }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: url.hostname, Key }));
      return [`s3://${url.hostname}/${Key}`, (await Body?.transformToString()) ?? ""];
    });
    return Object.fromEntries(await Promise.all(files));
  } catch (error) {
    throw new Failure(
      `s3://${url.hostname}/${Prefix} cannot be read: ${reasonOf(error)}. Sign in, or check AWS_PROFILE.`,
    );
  } finally {
    s3.destroy();
  }
}
