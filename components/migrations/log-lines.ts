import type { V1Pod } from "@kubernetes/client-node";
import type { MigrationsApi } from "./api.ts";

/** A log as a whole may be asked for at first. */
const WHOLE_SECONDS = 24 * 3600;
/** Lines that come late, and clocks that differ. */
const OVERLAP_SECONDS = 10;

/** Reads a container's log in parts. */
export class LogLines {
  /** The newest lines, for a message of failure. */
  readonly last: string[] = [];
  private lastTime = "";
  private readAt: number | undefined;
  private readonly api: MigrationsApi;
  private readonly most: number;

  /** @param most lines that `last` keeps */
  constructor(api: MigrationsApi, most: number) {
    this.api = api;
    this.most = most;
  }

  /** The lines that are new since the last call. */
  async next(pod: V1Pod, container: string): Promise<string[]> {
    const now = Date.now();
    const since = this.readAt === undefined ? WHOLE_SECONDS : Math.ceil((now - this.readAt) / 1000) + OVERLAP_SECONDS;
    const text = await this.api.log(pod, container, since);
    if (text === undefined) return [];
    this.readAt = now;
    const lines: string[] = [];
    const known = this.lastTime;
    for (const line of text.split("\n")) {
      const at = line.indexOf(" ");
      const time = line.slice(0, at);
      // The kubelet writes every time in the same width, so later ones are greater as texts.
      if (at < 0 || time <= known) continue;
      this.lastTime = time;
      lines.push(line.slice(at + 1));
    }
    this.last.push(...lines);
    this.last.splice(0, this.last.length - this.most);
    return lines;
  }
}
