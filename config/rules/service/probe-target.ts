import { nearest } from "../../nearest.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** What the check asks, in a form that the pod has. Which preset reads which field: config/probe-presets.ts. */
export function checkProbeTarget(service: ParsedService, add: AddFault): void {
  const { probes = {} } = service;
  if (typeof probes.port === "string") checkPortName(service, probes.port, add);
  const headers = Object.keys(probes.headers ?? {});
  const repeated = headers.filter((name, index) => headers.findIndex((other) => isSameHeader(name, other)) < index);
  for (const name of repeated) add(["probes", "headers", name], "given twice: upper and lower case are the same here");
}

function checkPortName({ port, ports = {}, metrics }: ParsedService, name: string, add: AddFault): void {
  const tcp = Object.entries(ports).filter(([, { protocol = "TCP" }]) => protocol === "TCP");
  const known = [
    ...(port === undefined ? [] : ["http"]),
    ...tcp.map(([known]) => known),
    ...(metrics ? ["metrics"] : []),
  ];
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  add(
    ["probes", "port"],
    `no TCP port of the service. ${meant ? `Did you mean ${meant}? ` : ""}It has ${known.join(", ") || "none"}. Use one of them, or a number`,
  );
}

function isSameHeader(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
