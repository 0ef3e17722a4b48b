import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** An EKS add-on whose settings are those of the config, whatever was set elsewhere. */
export function createAddon(name: string, args: aws.eks.AddonArgs, opts: pulumi.CustomResourceOptions): aws.eks.Addon {
  return new aws.eks.Addon(
    name,
    { ...args, resolveConflictsOnCreate: "OVERWRITE", resolveConflictsOnUpdate: "OVERWRITE" },
    // Without a version in the config, a version set elsewhere stays.
    { ...opts, ignoreChanges: args.addonVersion === undefined ? ["addonVersion"] : [] },
  );
}
