import * as pulumi from "@pulumi/pulumi";
import { expect, vi } from "vitest";

type Properties = Record<string, unknown>;

export interface Mocked {
  type: string;
  name: string;
  inputs: Properties;
  opts: pulumi.CustomResourceOptions;
}

/**
 * Declares resources with a mocked AWS.
 *
 * @param answers outputs beside the inputs, by the type of a resource or the token of a function.
 * @param program must pass `opts` to its outermost component.
 * @returns every resource that was declared and every function that was called.
 */
export async function mockAws(
  answers: Record<string, (inputs: Properties) => Properties>,
  program: (opts: pulumi.ComponentResourceOptions) => unknown,
): Promise<Mocked[]> {
  const mocked: Mocked[] = [];
  const expected = new Map<string, pulumi.CustomResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        mocked.push({ type, name, inputs, opts: expected.get(`${type} ${name}`) ?? {} });
        return { id: `${name}-id`, state: { ...inputs, ...answers[type]?.(inputs) } };
      },
      call: ({ token, inputs }) => {
        mocked.push({ type: token, name: "", inputs, opts: {} });
        return { ...inputs, ...answers[token]?.(inputs) };
      },
    },
    "slipway",
    "prod",
    false,
    "organization",
  );
  program({
    transformations: [
      ({ type, name, props, opts }) => {
        expected.set(`${type} ${name}`, opts);
        return { props, opts };
      },
    ],
  });
  // Resources are registered in the background.
  await vi.waitFor(() => {
    const arrived = mocked.map(({ type, name }) => `${type} ${name}`);
    expect(arrived).toEqual(expect.arrayContaining([...expected.keys()]));
  });
  return mocked;
}

export function one(mocked: Mocked[], type: string, name?: string): Mocked {
  const found = mocked.filter((resource) => resource.type === type && (name === undefined || resource.name === name));
  expect(found, `${type} ${name ?? ""}`).toHaveLength(1);
  return found[0] as Mocked;
}

export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
