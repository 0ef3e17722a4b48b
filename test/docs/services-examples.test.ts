import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ENVIRONMENT_KEY } from "../../config/naming.ts";
import { faultsOf } from "../config/config-of.ts";
import { eks, existing, service } from "../config/service-base.ts";
import { readText } from "./markdown.ts";

type Fields = Record<string, unknown>;

const PAGE = "docs/services.md";
/** An example with a certificate needs a controller that uses it. */
const OWN_CONTROLLER = { addons: { traefik: { enabled: false } }, ingress: { class: "traefik", namespace: "edge" } };

/** The YAML blocks of a page, each with the heading above it. */
function examples(markdown: string): [string, Fields][] {
  return [...markdown.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(({ 1: block = "", index }) => {
    const heading = [...markdown.slice(0, index).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? "";
    const text = block.replaceAll("<64 hex digits>", "a".repeat(64));
    return [heading, parse(text, { merge: true }) as Fields];
  });
}

/** A service of an example, with what neither the example nor its `defaults` say. */
function completed(fields: Fields, { build, image, resources }: Fields = {}): Fields {
  const hasImage = [fields.image, fields.build, image, build].some((given) => given !== undefined);
  return {
    ...(!hasImage && { build: service.build }),
    ...(resources === undefined && { resources: service.resources }),
    ...fields,
  };
}

/** What services.yaml and the stack say, so that the example stands in a whole config. */
function configOf(example: Fields): { shared: Fields; own: Fields } {
  const own = example[ENVIRONMENT_KEY];
  if (own !== undefined) {
    const limits = { ...service.resources.limits, cpu: "1" };
    const ledger = { ...service, resources: { ...service.resources, limits }, config: { DEBUG: "1" } };
    return { shared: { ...existing, services: { ledger } }, own: own as Fields };
  }
  const isEnvironment = ["services", "defaults", "namespace"].some((key) => key in example);
  const { services, defaults, ...environment } = isEnvironment ? example : { services: undefined, defaults: undefined };
  // Names of other services in the examples.
  const others = { web: service, pricing: service };
  const whole = services ?? { ledger: { port: 8080, ...(isEnvironment ? {} : example) }, ...others };
  const complete = Object.entries(whole as Record<string, Fields>).map(([name, fields]) => [
    name,
    completed(fields, defaults as Fields),
  ]);
  const shared = { ...existing, ...environment, ...(defaults !== undefined && { defaults }) };
  return { shared: { ...shared, services: Object.fromEntries(complete) }, own: {} };
}

describe(`an example of ${PAGE}`, () => {
  const found = examples(readText(PAGE));

  it("is found", () => {
    expect(found.length).toBeGreaterThan(20);
  });

  it.each(found)("under %s is accepted", (_, example) => {
    const { shared, own } = configOf(example);
    const says = (key: string) => JSON.stringify(example).includes(`"${key}"`);
    const { images, cluster, ...anywhere } = shared;
    const target = says("roleArn") || says("allow") ? eks : { images, cluster };
    expect(faultsOf({ ...(says("tls") && OWN_CONTROLLER), ...anywhere, ...target }, own)).toEqual([]);
  });
});
