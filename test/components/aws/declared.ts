import * as pulumi from "@pulumi/pulumi";
import { expect, vi } from "vitest";

/** A resource as it was declared. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  opts: pulumi.CustomResourceOptions;
}

type Properties = Record<string, unknown>;

/** What AWS answers to a resource of a type, over its inputs. It may take its time. */
export type Answers = Record<string, (inputs: Properties) => Properties | Promise<Properties>>;

interface DeclareOptions {
  answers?: Answers;
  /** Whether ids, and what AWS does not answer, are unknown, as in the preview of a creation. @default false */
  preview?: boolean;
}

/** Declares a program's resources against such an AWS. */
export class Declarations {
  readonly all: Declared[] = [];
  private readonly asked = new Map<string, pulumi.CustomResourceOptions>();

  /** The options that the program gives its outermost component. */
  readonly opts: pulumi.ComponentResourceOptions = {
    transformations: [
      ({ type, name, props, opts }) => {
        this.asked.set(`${type} ${name}`, opts);
        return { props, opts };
      },
    ],
  };

  static async begin({ answers = {}, preview = false }: DeclareOptions = {}): Promise<Declarations> {
    const declarations = new Declarations();
    await pulumi.runtime.setMocks(
      {
        newResource: async ({ type, name, inputs }) => {
          const opts = declarations.asked.get(`${type} ${name}`) ?? {};
          declarations.all.push({ type, name, inputs, opts });
          return { id: preview ? "" : `${name}-id`, state: { ...inputs, ...(await answers[type]?.(inputs)) } };
        },
        call: ({ inputs }) => inputs,
      },
      "slipway",
      "test",
      preview,
      "organization",
    );
    return declarations;
  }

  /** Registration goes on in the background: waits for all that the program has asked for. */
  async settle(): Promise<void> {
    await vi.waitFor(() => expect(this.all).toHaveLength(this.asked.size), { timeout: 5_000 });
  }

  one(type: string, name: string): Declared {
    const found = this.all.filter((resource) => resource.type === type && resource.name === name);
    expect(found, `${type} ${name}`).toHaveLength(1);
    return found[0] as Declared;
  }

  /** Names of the resources of a type, sorted. */
  named(type: string): string[] {
    return this.all
      .filter((resource) => resource.type === type)
      .map(({ name }) => name)
      .sort();
  }
}

/** Types and names of the resources that a resource's `dependsOn` lists. */
export async function dependenciesOf({ opts }: Declared): Promise<string[]> {
  const listed = [opts.dependsOn ?? []].flat() as pulumi.Resource[];
  return identities(listed);
}

/** Types and names of the resources that an output waits for: what uses it is made after them and deleted before them. */
export function resourcesBehind(output: pulumi.Output<unknown>): Promise<string[]> {
  return identities([...(output as unknown as { resources(): Set<pulumi.Resource> }).resources()]);
}

export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}

async function identities(resources: pulumi.Resource[]): Promise<string[]> {
  const urns = await Promise.all(resources.map(({ urn }) => resolved(urn)));
  return urns.map((urn) => `${urn.split("::")[2]?.split("$").at(-1)} ${urn.split("::")[3]}`).sort();
}
