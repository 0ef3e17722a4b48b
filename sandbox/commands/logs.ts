import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { namespaceOf, type StackOptions } from "../engine/stack-file.ts";
import { paths } from "../paths.ts";
import { serviceStatuses } from "../platform/services.ts";
import { logTail, recordedDaemons } from "../processes/daemon.ts";

/** Prints the last log lines of a service's pods or of a platform process. */
export async function printLogs(name: string | undefined, options: StackOptions & { lines: string }): Promise<void> {
  const processes = recordedDaemons().map((daemon) => daemon.name);
  if (name !== undefined && processes.includes(name)) {
    console.log(logTail(name, Number(options.lines)));
    return;
  }
  const namespace = namespaceOf(options) ?? "";
  const services = Object.keys(await serviceStatuses(namespace));
  if (name === undefined || !services.includes(name)) {
    const known = `Services: ${services.join(", ") || "none"}. Processes: ${processes.join(", ") || "none"}.`;
    if (name === undefined) return console.log(known);
    throw new Error(`${name} is neither a service nor a platform process. ${known}`);
  }
  const config = new KubeConfig();
  config.loadFromFile(paths.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const { items } = await api.listNamespacedPod({ namespace, labelSelector: `app.kubernetes.io/name=${name}` });
  for (const { metadata } of items) {
    const pod = metadata?.name ?? "";
    console.log(`--- ${pod}`);
    console.log(await api.readNamespacedPodLog({ name: pod, namespace, tailLines: Number(options.lines) }));
  }
}
