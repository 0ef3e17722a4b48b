import { type Path, valueAt } from "../../config/fault.ts";
import { isMap } from "../../config/merge.ts";

/** An object of Kubernetes as a manifest has it. */
export interface KubernetesManifest {
  apiVersion?: unknown;
  kind: string;
  metadata: { name: string; namespace?: unknown };
}

/** Where something stands in the manifests. */
export interface Place {
  /** File, or where else the manifest comes from. */
  file: string;
  /** Kind and name, such as Deployment api. */
  object: string;
  path: Path;
}

/**
 * A manifest, or a part of it, of which each field is read once. What nobody has read in the end was not carried over, so nothing is left
 * out in silence.
 */
export class Fields {
  readonly file: string;
  readonly manifest: KubernetesManifest;
  readonly base: Path;
  private readonly read: Set<string>;

  constructor(file: string, manifest: KubernetesManifest, base: Path = [], read = new Set<string>()) {
    this.file = file;
    this.manifest = manifest;
    this.base = base;
    this.read = read;
  }

  get kind(): string {
    return this.manifest.kind;
  }

  get name(): string {
    return this.manifest.metadata.name;
  }

  /** The part below a path. It shares what has been read. */
  at(...path: Path): Fields {
    return new Fields(this.file, this.manifest, [...this.base, ...path], this.read);
  }

  place(...path: Path): Place {
    return { file: this.file, object: `${this.kind} ${this.name}`, path: [...this.base, ...path] };
  }

  /** The value at a path, which stays unread. */
  peek(...path: Path): unknown {
    return valueAt(this.manifest, [...this.base, ...path]) ?? undefined;
  }

  /** The value at a path. It and all below count as read. */
  take(...path: Path): unknown {
    this.read.add(JSON.stringify([...this.base, ...path]));
    return this.peek(...path);
  }

  text(...path: Path): string | undefined {
    const value = this.take(...path);
    return value === undefined ? undefined : String(value);
  }

  number(...path: Path): number | undefined {
    const value = this.take(...path);
    return typeof value === "number" || (typeof value === "string" && /^[0-9]+$/.test(value))
      ? Number(value)
      : undefined;
  }

  /** The items of a list of maps, each to be read by itself. */
  list(...path: Path): Fields[] {
    const value = this.peek(...path);
    return Array.isArray(value) ? value.map((_, index) => this.at(...path, index)) : [];
  }

  /** The keys of a map. */
  keys(...path: Path): string[] {
    const value = this.peek(...path);
    return isMap(value) ? Object.keys(value) : [];
  }

  isRead(...path: Path): boolean {
    const whole = [...this.base, ...path];
    return whole.some((_, end) => this.read.has(JSON.stringify(whole.slice(0, end + 1))));
  }

  /** The largest parts in which nothing was read. */
  unread(): Fields[] {
    const value = this.peek();
    if (value === undefined || this.read.has(JSON.stringify(this.base))) return [];
    const entries = isMap(value) ? Object.keys(value) : Array.isArray(value) ? [...value.keys()] : undefined;
    if (entries === undefined) return [this];
    const inner = entries.map((key) => this.at(key));
    if (entries.length === 0) return [];
    return this.isTouched() ? inner.flatMap((part) => part.unread()) : [this];
  }

  /** Whether something below was read. */
  private isTouched(): boolean {
    if (this.base.length === 0) return true;
    const prefix = JSON.stringify(this.base).replace(/\]$/, ",");
    return [...this.read].some((key) => key.startsWith(prefix));
  }
}
