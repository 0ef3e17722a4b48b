import { compare } from "../protocol/compare.ts";
import type { CheckFailure, Plugin, PluginFunction, ResourceHandler } from "../protocol/handler.ts";
import { hasUnknown, type PropertyMap } from "../protocol/value.ts";
import type { Account } from "./account.ts";
import { connect, NotConfigured } from "./credentials.ts";
import { serveFunction } from "./function-handler.ts";
import { functions } from "./functions.ts";
import type { AwsResource } from "./resource.ts";
import { AwsResourceHandler } from "./resource-handler.ts";
import { resourceType } from "./resource-type.ts";
import { resources } from "./resources.ts";
import { checkSettings, type ProviderSettings, readSettings } from "./settings.ts";

/**
 * The stand-in for the official `aws` plugin: the resource types and functions that the program uses, and no more.
 *
 * @param types the table of types. @default all
 */
export function awsPlugin(version: string, types: Record<string, AwsResource> = resources): Plugin {
  let account: Account | undefined;
  const configured = (): Account => {
    if (!account) throw new Error("the provider is not configured");
    return account;
  };
  return {
    version,
    async checkConfig(news) {
      const failures = checkSettings(news);
      // An unknown argument is checked when the provider is configured.
      if (failures.length > 0 || hasUnknown(news)) return failures;
      return credentialFailures(readSettings(new Map(Object.entries(news))));
    },
    diffConfig: async (olds: PropertyMap, news: PropertyMap) => ({ changes: compare(olds, news) }),
    async configure(config) {
      const settings = readSettings(config);
      const opened = await connect(settings);
      account = opened;
      return new Map<string, ResourceHandler>(
        Object.entries(types).map(([token, resource]) => [
          token,
          new AwsResourceHandler(resourceType(token, resource), opened, settings.defaultTags),
        ]),
      );
    },
    functions: new Map<string, PluginFunction>(
      Object.entries(functions).map(([token, row]) => [token, serveFunction(token, row, configured)]),
    ),
  };
}

/** Like the official plugin, checks the credentials together with the arguments, before any resource. */
async function credentialFailures(settings: ProviderSettings): Promise<CheckFailure[]> {
  try {
    await connect(settings);
    return [];
  } catch (error) {
    if (error instanceof NotConfigured) return [{ property: "", reason: error.message }];
    throw error;
  }
}
