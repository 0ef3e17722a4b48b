import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, refuseFaults } from "../../config/index.ts";
import { lastOutput } from "../last-update.ts";

/** The namespace of the services. */
export interface ServicesNamespace {
  name: pulumi.Output<string>;
  /** Options of everything in it. Deleting a namespace that the stack created deletes all that is in it. */
  options: Pick<pulumi.CustomResourceOptions, "deletedWith">;
}

/** The namespace of the services, which the stack creates unless the environment says that it exists. */
export function servicesNamespace(
  { namespace, createNamespace }: Pick<Environment, "namespace" | "createNamespace">,
  opts: pulumi.CustomResourceOptions,
): ServicesNamespace {
  if (!createNamespace) return { name: pulumi.output(namespace), options: {} };
  const created = restrictedNamespace(namespace, opts);
  return { name: created.metadata.name, options: { deletedWith: created } };
}

/**
 * A namespace that the stack has created cannot become one that exists: the update would delete it, and all that is in it.
 *
 * @throws pulumi.RunError if the last update created the namespace, and this one would not.
 */
export async function refuseToGiveUpNamespace(environment: Environment): Promise<void> {
  if (environment.createNamespace) return;
  const [name, created = true] = await Promise.all([
    lastOutput<string>("namespace"),
    lastOutput<boolean>("createsNamespace"),
  ]);
  if (name !== environment.namespace || !created) return;
  const message =
    `this stack created the namespace ${name}. It would delete it, and everything in it. Remove createNamespace, or name another ` +
    "namespace that exists";
  refuseFaults(
    environment,
    [{ path: ["createNamespace"], message }],
    "The namespace belongs to this stack. Nothing was changed.",
  );
}

/** Namespace with the pod security standard `restricted`: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function restrictedNamespace(name: string, opts: pulumi.CustomResourceOptions): kubernetes.core.v1.Namespace {
  const level = "restricted";
  return new kubernetes.core.v1.Namespace(
    name,
    {
      metadata: {
        name,
        labels: {
          "pod-security.kubernetes.io/enforce": level,
          "pod-security.kubernetes.io/warn": level,
          "pod-security.kubernetes.io/audit": level,
        },
      },
    },
    opts,
  );
}
