import * as pulumi from "@pulumi/pulumi";
import { HELM_RELEASE } from "../config/naming.ts";
import { lastOutput } from "./last-update.ts";

let known: Promise<ReadonlySet<string>> | undefined;

/**
 * URNs of what the stack's state has. An output of the last update would not name what an update created that failed later. Empty in the
 * first update.
 */
export function stateResources(): Promise<ReadonlySet<string>> {
  known ??= read();
  return known;
}

async function read(): Promise<ReadonlySet<string>> {
  // The engine cannot list a state that nothing was written to.
  if ((await lastOutput<string>("namespace")) === undefined) return new Set();
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs = {} } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return new Set(Object.keys(outputs));
}

/** URN of an add-on's Helm release. */
export function urnOfAddon(name: string): string {
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::slipway:index:Addons$${HELM_RELEASE}::${name}`;
}

/** URN of an object that belongs to a service. @param type such as `kubernetes:core/v1:Secret` */
export function urnOfServices(type: string, name: string): string {
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::slipway:index:Service$${type}::${name}`;
}
