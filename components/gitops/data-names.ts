import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults, type Service } from "../../config/index.ts";
import { contentName } from "../content-name.ts";
import { lastOutput } from "../last-update.ts";
import { dataOf } from "../service-values.ts";
import { manifestsFolder } from "./render-only.ts";

const INTRO = "The cluster does not have what the services need. Nothing was changed.";

/** What a service's ConfigMaps and Secrets hold, and what their names begin with, by the value of the chart that takes each name. */
export function dataContent({
  name,
  config,
  secrets,
  fileTexts,
  fileSecrets,
}: Service): Record<string, [prefix: string, data: Record<string, pulumi.Input<string>>]> {
  return {
    configName: [name, config],
    secretName: [name, secrets],
    filesName: [`${name}.files`, fileTexts],
    secretFilesName: [`${name}.files`, fileSecrets],
  };
}

/**
 * Names of a service's ConfigMaps and Secrets, by the value of the chart that takes each. They follow from the content.
 *
 * @param kept names in place of others, of objects that are older than names by content
 */
export function dataNames(
  service: Service,
  key: pulumi.Output<string>,
  kept: Record<string, string>,
): Record<string, pulumi.Output<string>> {
  const content = dataContent(service);
  return Object.fromEntries(
    dataOf(service).map((value) => {
      const [prefix, data] = content[value] ?? [service.name, {}];
      return [value, keptName(contentName(key, prefix, data), kept)];
    }),
  );
}

export function keptName(name: pulumi.Output<string>, kept: Record<string, string>): pulumi.Output<string> {
  return name.apply((byContent) => kept[byContent] ?? byContent);
}

/**
 * Names of all Secrets of an environment whose services Argo CD rolls out. Pods need them when the manifests are committed.
 *
 * @returns the names, for the stack's outputs
 * @throws pulumi.RunError if this update only renders, and a Secret was not created by an update of the whole stack.
 */
export async function requireSecrets(
  environment: Environment,
  key: pulumi.Output<string> | undefined,
  kept: Record<string, string>,
): Promise<Record<string, string[]>> {
  if (environment.gitops === undefined || key === undefined) return {};
  const wanted = await resolve(
    pulumi.all(Object.fromEntries(environment.services.map((it) => [it.name, secretsOf(it, key, kept)]))),
  );
  if (manifestsFolder() === undefined) return wanted;
  const created = (await lastOutput<Record<string, string[]>>("secretObjects")) ?? {};
  const faults = environment.services
    .filter(({ name }) => wanted[name]?.some((secret) => !created[name]?.includes(secret)))
    .map(({ name, secretNames }) => ({
      path: ["services", name],
      message:
        `its secrets (${secretNames.join(", ")}) are new or have changed, and the cluster has the ones from before. First run ` +
        `pulumi up --stack ${environment.name} with credentials for the cluster, then deploy`,
      hideValue: true,
    }));
  refuseFaults(environment, faults, INTRO);
  return created;
}

function secretsOf(
  service: Service,
  key: pulumi.Output<string>,
  kept: Record<string, string>,
): pulumi.Output<string[]> {
  const { secretName, secretFilesName } = dataNames(service, key, kept);
  return pulumi.all([secretName, secretFilesName].flatMap((name) => name ?? []));
}

function resolve<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
