import * as pulumi from "@pulumi/pulumi";
import { type Declared, identityOf } from "../components/aws/program-run.ts";
import { MAPS, TERRAFORM_NAMES, TERRAFORM_TYPES } from "./terraform-names.ts";

interface TerraformResource {
  address: string;
  mode: "managed";
  type: string;
  name: string;
  provider_name: "registry.terraform.io/hashicorp/aws";
}

/** The part of a plan that checkov reads: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
export interface TerraformPlan {
  format_version: "1.2";
  terraform_version: string;
  planned_values: { root_module: { resources: (TerraformResource & { values: object })[] } };
  configuration: { root_module: { resources: (TerraformResource & { expressions: object })[] } };
}

/**
 * Terraform's plan for the AWS resources: their declared values, and which resources they refer to. Without the properties that
 * were not declared: checkov knows AWS's defaults.
 *
 * @throws Error for a type or a list of blocks that terraform-names.ts does not list.
 */
export async function terraformPlan(declared: readonly Declared[]): Promise<TerraformPlan> {
  const resources = declared.filter(({ type }) => type.startsWith("aws:"));
  const named = new Map(resources.map(({ type, name }) => [`${type} ${name}`, terraformResource(type, name)]));
  if (new Set([...named.values()].map(({ address }) => address)).size < resources.length) {
    throw new Error("Two resources have the same name in Terraform.");
  }
  const terraformOf = (identity: string) => named.get(identity) as TerraformResource;
  return {
    format_version: "1.2",
    terraform_version: "1.9.0",
    planned_values: {
      root_module: {
        resources: resources.map(({ type, name, inputs }) => {
          const resource = terraformOf(`${type} ${name}`);
          return { ...resource, values: attributes(inputs, resource.type) };
        }),
      },
    },
    configuration: {
      root_module: {
        resources: await Promise.all(
          resources.map(async ({ type, name, props }) => {
            const resource = terraformOf(`${type} ${name}`);
            return { ...resource, expressions: await expressions(props, resource.type, named) };
          }),
        ),
      },
    },
  };
}

function terraformResource(token: string, pulumiName: string): TerraformResource {
  const type = TERRAFORM_TYPES[token];
  if (type === undefined) throw new Error(`${token}: not in terraform-names.ts. Add its type in Terraform`);
  const name = pulumiName.replaceAll(/[^\w-]/g, "_");
  const provider_name = "registry.terraform.io/hashicorp/aws";
  return { address: `${type}.${name}`, mode: "managed", type, name, provider_name };
}

function attributes(properties: object, path: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      attributeName(key, path),
      attribute(value, key, `${path}.${key}`),
    ]),
  );
}

/** Terraform has a single block as a list of one. */
function attribute(value: unknown, key: string, path: string): unknown {
  if (typeof value !== "object" || value === null || MAPS.includes(key)) return value;
  if (!Array.isArray(value)) return [attributes(value, path)];
  if (value.every((element) => typeof element !== "object")) return value;
  if (TERRAFORM_NAMES[path] === undefined)
    throw new Error(`${path}: not in terraform-names.ts. Add its name in Terraform`);
  return value.map((block) => attributes(block, path));
}

function attributeName(key: string, path: string): string {
  return TERRAFORM_NAMES[`${path}.${key}`] ?? key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The resources that each property refers to. */
async function expressions(
  props: Record<string, unknown>,
  path: string,
  named: ReadonlyMap<string, TerraformResource>,
): Promise<object> {
  const entries = await Promise.all(
    Object.entries(props).map(async ([key, value]) => {
      const identities = await Promise.all([...(await resourcesBehind(value))].map(identityOf));
      const references = identities
        .map((identity) => named.get(identity)?.address)
        .filter((found) => found !== undefined);
      return references.length === 0 ? [] : [[attributeName(key, path), { references: references.sort() }]];
    }),
  );
  return Object.fromEntries(entries.flat());
}

/** In the SDK, but missing in its type declarations. */
function resourcesBehind(value: unknown): Promise<Set<pulumi.Resource>> {
  return (pulumi.output(value) as unknown as { allResources(): Promise<Set<pulumi.Resource>> }).allResources();
}
