import type { PluginFunction } from "../protocol/handler.ts";
import { hasUnknown, type PropertyMap, toPlainMap } from "../protocol/value.ts";
import type { Account } from "./account.ts";
import { explain } from "./errors.ts";
import { withoutUndefined } from "./refresh.ts";
import type { AwsFunction, Props } from "./resource.ts";
import { withoutInternals } from "./values.ts";

/** Serves a function of the table to the engine. */
export function serveFunction(token: string, row: AwsFunction, configured: () => Account): PluginFunction {
  return async (args: PropertyMap): Promise<PropertyMap> => {
    const account = configured();
    if (hasUnknown(args)) throw new Error(`invoking ${token}: an argument is not known yet`);
    const given = toPlainMap(withoutInternals(args));
    assertTaken(token, row, given);
    const { region, ...rest } = given;
    const aws = account.in(typeof region === "string" ? region : undefined);
    try {
      // Results are never secret, as with the official plugin.
      return withoutUndefined({ ...(row.global ? {} : { region: aws.region }), ...(await row.invoke(rest, aws)) });
    } catch (error) {
      throw new Error(`invoking ${token}: ${explain(error)}`);
    }
  };
}

function assertTaken(token: string, row: AwsFunction, given: Props): void {
  const names = [...Object.keys(row.arguments), ...(row.global ? [] : ["region"])];
  const refused = Object.keys(given).filter((name) => !names.includes(name));
  if (refused.length > 0) {
    throw new Error(
      `invoking ${token}: the stand-in for the aws plugin does not take "${refused.join('", "')}" ` +
        `(it takes: ${names.sort().join(", ") || "nothing"}); leave it out, or use the official plugin`,
    );
  }
  const missing = Object.keys(row.arguments).filter(
    (name) => row.arguments[name]?.required && given[name] === undefined,
  );
  if (missing.length > 0) throw new Error(`invoking ${token}: "${missing.join('", "')}" is missing`);
}
