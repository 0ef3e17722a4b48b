import { GetOpenIDConnectProviderCommand, IAMClient, ListOpenIDConnectProvidersCommand } from "@aws-sdk/client-iam";
import { text } from "./props.ts";
import type { AwsContext, AwsFunction } from "./resource.ts";
import { withoutAwsTags } from "./system-tags.ts";
import { tagMap } from "./tag-changes.ts";

/** `aws.iam.getOpenIdConnectProvider`: an identity provider of the account, by ARN or by URL. */
export const getOpenIdConnectProvider: AwsFunction = {
  arguments: { arn: {}, tags: {}, url: {} },
  global: true,
  async invoke(args, aws) {
    const [given, url] = [text(args, "arn"), text(args, "url")];
    if ((given === undefined) === (url === undefined)) throw new Error("give one of arn and url");
    const arn = given ?? (await arnOf(url ?? "", aws));
    const provider = await aws
      .client(IAMClient)
      .send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    return {
      id: arn,
      arn,
      clientIdLists: provider.ClientIDList ?? [],
      tags: withoutAwsTags(tagMap(provider.Tags)),
      thumbprintLists: provider.ThumbprintList ?? [],
      // IAM keeps it without the scheme.
      url: provider.Url,
    };
  },
};

async function arnOf(url: string, aws: AwsContext): Promise<string> {
  const { OpenIDConnectProviderList = [] } = await aws
    .client(IAMClient)
    .send(new ListOpenIDConnectProvidersCommand({}));
  const wanted = url.replace(/^https:\/\//, "");
  const found = OpenIDConnectProviderList.find(({ Arn = "" }) => Arn.slice(Arn.indexOf("/") + 1) === wanted);
  if (found?.Arn) return found.Arn;
  throw new Error(`the account has no OpenID Connect provider for "${url}"; create it, or check the URL`);
}
