import type { Path } from "../../config/fault.ts";
import { valueAt } from "../../config/fault.ts";
import { isMap } from "../../config/merge.ts";
import type { Place } from "./fields.ts";

/** A service as it is put together from manifests. */
export class Draft {
  readonly name: string;
  /** Where its workload stands. */
  readonly place: Place;
  fields: Record<string, unknown> = {};
  private readonly places = new Map<string, Place>();

  constructor(name: string, place: Place) {
    this.name = name;
    this.place = place;
  }

  /** Sets a field. undefined, and an empty list or map, sets nothing. */
  put(path: readonly string[], value: unknown, place: Place): void {
    if (value === undefined || (isMap(value) && Object.keys(value).length === 0)) return;
    if (Array.isArray(value) && value.length === 0) return;
    const [last = "", ...parents] = [...path].reverse();
    let map = this.fields;
    for (const key of parents.reverse()) {
      map[key] ??= {};
      map = map[key] as Record<string, unknown>;
    }
    map[last] = value;
    this.places.set(JSON.stringify(path), place);
  }

  get(...path: string[]): unknown {
    return valueAt(this.fields, path);
  }

  /** Takes the value at a path away. @returns where it, or its nearest parent, came from; undefined if it is not there */
  remove(path: Path): Place | undefined {
    const parent = valueAt(this.fields, path.slice(0, -1));
    const key = path.at(-1);
    if (typeof parent !== "object" || parent === null || key === undefined || !(key in parent)) return undefined;
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete (parent as Record<string, unknown>)[String(key)];
    return this.placeOf(path);
  }

  placeOf(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const place = this.places.get(JSON.stringify(path.slice(0, length)));
      if (place) return place;
    }
    return this.place;
  }
}
