import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults, type Service } from "../../config/index.ts";
import type { ClusterReader } from "../cluster/reader.ts";
import { contentName } from "../content-name.ts";
import { deployedRecord } from "../rollout/deployed-record.ts";
import { valuesIn } from "../rollout/helm-record.ts";
import { dataContent } from "./data-names.ts";

const INTRO = "Argo CD cannot take the services over as they are. Nothing was changed.";
const SECRETS = ["secretName", "secretFilesName"];

export type NamesReader = Pick<ClusterReader, "revisionRecords"> & { objects: Pick<ClusterReader["objects"], "read"> };

/**
 * Names of ConfigMaps and Secrets that the pods of now use, by the name that their content would give them. With another name, the same
 * content would replace all pods.
 *
 * @throws pulumi.RunError if a Secret has another content now. The engine would replace it, and pods that restart before the first deploy
 * would not find theirs.
 */
export async function keptNames(
  reader: NamesReader,
  environment: Environment,
  key: pulumi.Output<string>,
): Promise<Record<string, string>> {
  const { namespace, services } = environment;
  const names: Record<string, string> = {};
  const changed: Service[] = [];
  for (const service of services) {
    const record = await deployedRecord(reader, namespace, service.name);
    const values = record === undefined ? {} : valuesIn(record.data?.release ?? "");
    for (const [value, [prefix, data]] of Object.entries(dataContent(service))) {
      const name = values[value];
      if (typeof name !== "string") continue;
      const isSecret = SECRETS.includes(value);
      const reference = { apiVersion: "v1", kind: isSecret ? "Secret" : "ConfigMap", metadata: { name, namespace } };
      const live = (await reader.objects.read(reference))?.data ?? {};
      const wanted = await resolve(pulumi.all(data));
      if (sameContent(live, wanted, isSecret)) names[await resolve(contentName(key, prefix, data))] = name;
      else if (isSecret) changed.push(service);
    }
  }
  const faults = changed.map(({ name, secretNames }) => ({
    path: ["services", name],
    message:
      `its secrets (${secretNames.join(", ")}) have changed, and the pods of now need the ones from before. Change the secrets before ` +
      "delivery.mode, or after it, in an update of their own",
    hideValue: true,
  }));
  refuseFaults(environment, faults, INTRO);
  return names;
}

function sameContent(live: Record<string, string>, wanted: Record<string, string>, isEncoded: boolean): boolean {
  const keys = Object.keys(wanted);
  const text = (value = "") => (isEncoded ? Buffer.from(value, "base64").toString() : value);
  return (
    keys.length === Object.keys(live).length && keys.every((key) => key in live && text(live[key]) === wanted[key])
  );
}

function resolve<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
