import * as pulumi from "@pulumi/pulumi";

let reference: pulumi.StackReference | undefined;

/** An output of this stack's last update. Undefined in the first update, or if the last one had no such output. */
export async function lastOutput<T>(name: string): Promise<T | undefined> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  reference ??= new pulumi.StackReference("last-update", { name: self });
  const { value } = await reference.getOutputDetails(name);
  return value as T | undefined;
}
