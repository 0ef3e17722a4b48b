import { stringify } from "yaml";
import { type Application, templatePath } from "./applications.ts";
import { putBeside } from "./beside.ts";
import type { Context, ImportSettings } from "./context.ts";
import { Draft } from "./draft.ts";
import type { Fields } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { putImage } from "./image.ts";
import { putIngress } from "./ingress.ts";
import type { NamedObjects } from "./named-objects.ts";
import { putPod } from "./pod.ts";
import { putPorts } from "./ports.ts";
import { putProbes } from "./probes.ts";
import { putArguments } from "./process.ts";
import { resourcesOf } from "./resources.ts";
import { putRollout } from "./rollout.ts";
import { putScaling } from "./scaling.ts";
import { putSchedule } from "./schedule.ts";
import { putVariables } from "./variables.ts";
import { putVolumes } from "./volumes.ts";

/** The service that an application becomes. */
export function serviceOf(
  application: Application,
  objects: NamedObjects,
  settings: ImportSettings,
  findings: Findings,
): Draft {
  const { workload, name } = application;
  const draft = new Draft(name, workload.place());
  const patch = { labels: {}, spec: {}, container: {} };
  const context: Context = { application, draft, findings, objects, settings, patch };
  const template = workload.at(...templatePath(workload.kind));
  const pod = template.at("spec");
  const container = ownContainer(pod, application);
  const kind = { StatefulSet: "stateful", CronJob: "cron" }[workload.kind];
  draft.put(["kind"], kind, workload.place("kind"));
  container.take("name");
  putImage(container, context);
  putArguments(container, [], context);
  const isCron = workload.kind === "CronJob";
  if (isCron) putSchedule(context);
  const ports = putPorts(container, context);
  draft.put(["resources"], resourcesOf(container, findings), container.place("resources"));
  if (!isCron) putProbes(container, ports, context);
  putVariables(container, context);
  putVolumes(pod, container, context);
  putPod(template, container, context);
  putScaling(container, context);
  putRollout(pod, container, context);
  putIngress(ports, context);
  putBeside(pod, container, context);
  putPatch(context);
  workload.take("spec", "selector");
  if (workload.kind === "StatefulSet") readHeadless(workload, context);
  return draft;
}

/** The container of the workload's or service's name, else the one that a port of the Service leads to, else the first. */
function ownContainer(pod: Fields, { workload, name, services }: Application): Fields {
  const containers = pod.list("containers");
  const targets = services.flatMap((service) =>
    service.list("spec", "ports").map((port) => port.peek("targetPort") ?? port.peek("port")),
  );
  const called = containers.find((container) =>
    container
      .list("ports")
      .some((port) => targets.includes(port.peek("name")) || targets.includes(port.peek("containerPort"))),
  );
  const named = containers.find((container) => [workload.name, name].includes(String(container.peek("name"))));
  return named ?? called ?? containers[0] ?? pod.at("containers", 0);
}

/** Each pod has an address of its own, under another name than before. */
function readHeadless(workload: Fields, { draft, findings }: Context): void {
  const before = workload.text("spec", "serviceName");
  const now = `${draft.name}-headless`;
  if (before === undefined || before === now) return;
  findings.check(
    workload.place("spec", "serviceName"),
    `the addresses of single pods are ${draft.name}-0.${now} and so on now. Change their callers`,
    before,
  );
}

function putPatch({ draft, patch, application }: Context): void {
  const { labels, spec, container } = patch;
  const parts = {
    ...(Object.keys(labels).length > 0 && { metadata: { labels } }),
    ...((Object.keys(spec).length > 0 || Object.keys(container).length > 0) && {
      spec: {
        ...spec,
        ...(Object.keys(container).length > 0 && { containers: [{ name: draft.name, ...container }] }),
      },
    }),
  };
  if (Object.keys(parts).length === 0) return;
  draft.put(
    ["patch"],
    stringify(parts, { lineWidth: 0 }),
    application.workload.place(...templatePath(application.workload.kind)),
  );
}
