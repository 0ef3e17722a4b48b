import type { AwsResource, InputRule } from "./resource.ts";

/** A row of the table of types, completed by core. */
export interface ResourceType {
  /** As `aws:ec2/vpc:Vpc`. */
  token: string;
  resource: AwsResource;
  /** The rules of all inputs, including core's own. */
  rules: Record<string, InputRule>;
  /** How a name is generated when none is given. */
  autoname: { property: string; limit: number; lowercase: boolean } | undefined;
}

export function resourceType(token: string, resource: AwsResource): ResourceType {
  const property = resource.autoname ?? ("name" in resource.inputs ? "name" : undefined);
  return {
    token,
    resource,
    rules: {
      ...resource.inputs,
      ...(resource.tags ? { tags: {}, tagsAll: { computed: true } } : {}),
      ...(resource.global ? {} : { region: { computed: true, forcesNew: true } }),
    },
    autoname:
      property === undefined
        ? undefined
        : {
            property,
            limit: resource.autonameLimit ?? 255,
            lowercase: resource.autonameLowercase ?? false,
          },
  };
}
