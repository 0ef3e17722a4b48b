import { type Fault, type Source, valueAt } from "../fault.ts";
import { isMap } from "../merge.ts";

/** A tag beside an image does nothing. Commands write tags into a stack's file, of services with an image too: those are no fault. */
export function imageTagFaults({ value }: Source): Fault[] {
  const services = valueAt(value, ["services"]);
  return Object.entries(isMap(services) ? services : {}).flatMap(([name, service]) => {
    if ((valueAt(service, ["image"]) ?? null) === null || (valueAt(service, ["tag"]) ?? null) === null) return [];
    const message = "does nothing beside image, whose reference says the version. Change image, and remove tag";
    return [{ path: ["services", name, "tag"], message }];
  });
}
