import { nearest } from "../../nearest.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

/** Fields of probes that say where and how the check asks, and the presets that ask so. */
const PRESETS: Record<string, readonly string[]> = {
  port: ["http", "spring-actuator", "tcp", "grpc"],
  scheme: ["http", "spring-actuator"],
  headers: ["http", "spring-actuator"],
  service: ["grpc"],
};

export function checkProbeTarget(service: ParsedService, add: AddFault): void {
  const { probes = {} } = service;
  const preset = presetOf(service);
  for (const [field, presets] of Object.entries(PRESETS)) {
    if (!(field in probes) || presets.includes(preset)) continue;
    const message = `only for the presets ${presets.join(", ")}, and the preset is ${preset}. Change the preset, or remove it`;
    add(["probes", field], message);
  }
  if (typeof probes.port === "string") checkPortName(service, probes.port, add);
  const headers = Object.keys(probes.headers ?? {});
  const repeated = headers.filter((name, index) => headers.findIndex((other) => isSameHeader(name, other)) < index);
  for (const name of repeated) add(["probes", "headers", name], "given twice: upper and lower case are the same here");
}

/** The preset with the chart's default: see charts/service/templates/_probes.tpl. */
export function presetOf({ port, probes }: ParsedService): string {
  return probes?.preset ?? ((port ?? probes?.port) === undefined ? "none" : "http");
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
