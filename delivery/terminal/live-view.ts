import { clearScreenDown, moveCursor } from "node:readline";
import { stripVTControlCharacters } from "node:util";

/** Lines at the bottom of a terminal that are written again and again, below lines that stay. */
export class LiveView {
  private height = 0;

  private readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  /** Prints a line that stays. */
  print(line: string): void {
    this.clear();
    this.stream.write(`${line}\n`);
  }

  /** Replaces the lines at the bottom. */
  show(lines: readonly string[]): void {
    this.clear();
    // Some terminals say that they are 0 wide.
    const columns = this.stream.columns || 80;
    const rows = this.stream.rows || 24;
    // A line that wraps, or scrolls away, could not be cleared.
    const shown = lines.slice(0, Math.max(1, rows - 2)).map((line) => cut(line, columns - 1));
    if (shown.length > 0) this.stream.write(`${shown.join("\n")}\n`);
    this.height = shown.length;
  }

  clear(): void {
    if (this.height === 0) return;
    moveCursor(this.stream, 0, -this.height);
    clearScreenDown(this.stream);
    this.height = 0;
  }
}

function cut(line: string, most: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= most ? line : `${plain.slice(0, most - 1)}…`;
}
