/** Of the beginning, and of the end. A string cannot hold more than 500 million characters, and nobody reads as many. */
const MOST_CHARACTERS = 8_000_000;

/** Lines that the engine prints. Of a very long output only the beginning and the end are kept. */
export class OutputLog {
  private readonly first: string[] = [];
  private last: string[] = [];
  private firstSize = 0;
  private lastSize = 0;
  private left = 0;
  private omitted = 0;

  private readonly most: number;

  constructor(most = MOST_CHARACTERS) {
    this.most = most;
  }

  add(line: string): void {
    if (this.omitted === 0 && this.last.length === 0 && this.firstSize + line.length < this.most) {
      this.first.push(line);
      this.firstSize += line.length + 1;
      return;
    }
    this.last.push(line);
    this.lastSize += line.length + 1;
    while (this.lastSize > this.most && this.left < this.last.length - 1) {
      this.lastSize -= (this.last[this.left]?.length ?? 0) + 1;
      this.left++;
      this.omitted++;
    }
    // Removing the lines one by one would move all others each time.
    if (this.left > 10_000) {
      this.last = this.last.slice(this.left);
      this.left = 0;
    }
  }

  get text(): string {
    const gap = this.omitted > 0 ? [`… ${this.omitted} lines are left out here …`] : [];
    return `${[...this.first, ...gap, ...this.last.slice(this.left)].join("\n")}\n`;
  }
}
