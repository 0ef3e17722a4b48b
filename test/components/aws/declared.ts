import * as pulumi from "@pulumi/pulumi";
import { expect, vi } from "vitest";

/** A resource that was declared. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  opts: pulumi.CustomResourceOptions;
}

type Properties = Record<string, unknown>;

/** Outputs beside the inputs: of a resource by its type, of a function by its token. */
export type Answers = Record<string, (inputs: Properties) => Properties | Promise<Properties>>;

interface DeclareOptions {
  answers?: Answers;
  /** Whether ids and outputs without an answer are unknown, as in the preview of a creation. @default false */
  preview?: boolean;
}

/** Declares resources with a mocked AWS. */
export class Declarations {
  readonly all: Declared[] = [];
  /** Functions that the program called. */
  readonly calls: { token: string; inputs: Properties }[] = [];
  private readonly constructed = new Map<string, pulumi.CustomResourceOptions>();

  /** Pass these to the outermost component. */
  readonly opts: pulumi.ComponentResourceOptions = {
    transformations: [
      ({ type, name, props, opts }) => {
        this.constructed.set(`${type} ${name}`, opts);
        return { props, opts };
      },
    ],
  };

  static async begin({ answers = {}, preview = false }: DeclareOptions = {}): Promise<Declarations> {
    const declarations = new Declarations();
    await pulumi.runtime.setMocks(
      {
        newResource: async ({ type, name, inputs }) => {
          const opts = declarations.constructed.get(`${type} ${name}`) ?? {};
          declarations.all.push({ type, name, inputs, opts });
          return { id: preview ? "" : `${name}-id`, state: { ...inputs, ...(await answers[type]?.(inputs)) } };
        },
        call: async ({ token, inputs }) => {
          declarations.calls.push({ token, inputs });
          return { ...inputs, ...(await answers[token]?.(inputs)) };
        },
      },
      "slipway",
      "test",
      preview,
      "organization",
    );
    return declarations;
  }

  /** Waits for all resources: they are registered in the background. */
  async settle(): Promise<void> {
    await vi.waitFor(() => expect(this.all).toHaveLength(this.constructed.size), { timeout: 5_000 });
  }

  /** The only resource of this type, or of this type and name. */
  one(type: string, name?: string): Declared {
    const found = this.all.filter(
      (resource) => resource.type === type && (name === undefined || resource.name === name),
    );
    expect(found, `${type} ${name ?? ""}`).toHaveLength(1);
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

/**
 * Declares a program's resources and waits for them.
 *
 * @param program must pass `opts` to its outermost component.
 */
export async function declareAll(
  program: (opts: pulumi.ComponentResourceOptions) => unknown,
  options?: DeclareOptions,
): Promise<Declarations> {
  const declarations = await Declarations.begin(options);
  program(declarations.opts);
  await declarations.settle();
  return declarations;
}

/** Types and names of the resources that a resource's `dependsOn` lists. */
export async function dependenciesOf({ opts }: Declared): Promise<string[]> {
  const listed = [opts.dependsOn ?? []].flat() as pulumi.Resource[];
  return identities(listed);
}

/** Types and names of the resources that an output depends on: what uses it is created after them and deleted before them. */
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
