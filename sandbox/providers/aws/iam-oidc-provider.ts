import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from "@aws-sdk/client-iam";
import { unlessGone } from "./errors.ts";
import { NO_SUCH_ENTITY } from "./iam-role.ts";
import { requiredText, textMap, texts } from "./props.ts";
import type { AwsResource } from "./resource.ts";
import { tagChanges, tagList, tagMap } from "./tag-changes.ts";

/** `aws:iam/openIdConnectProvider:OpenIdConnectProvider`. */
export const openIdConnectProvider: AwsResource = {
  global: true,
  tagged: true,
  inputs: {
    clientIdLists: { required: true, set: true },
    thumbprintLists: { computed: true },
    // IAM keeps the address without its scheme.
    url: { required: true, forcesNew: true, same: (old, next) => withoutScheme(old) === withoutScheme(next) },
  },

  async create(props, aws) {
    const answer = await aws.client(IAMClient).send(
      new CreateOpenIDConnectProviderCommand({
        Url: requiredText(props, "url"),
        ClientIDList: texts(props, "clientIdLists"),
        ThumbprintList: texts(props, "thumbprintLists"),
        Tags: tagList(textMap(props, "tagsAll")),
      }),
    );
    return answer.OpenIDConnectProviderArn ?? "";
  },

  async read(id, _known, aws) {
    const found = await unlessGone(
      aws.client(IAMClient).send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id })),
      ...NO_SUCH_ENTITY,
    );
    return (
      found && {
        arn: id,
        clientIdLists: found.ClientIDList,
        tags: tagMap(found.Tags),
        thumbprintLists: found.ThumbprintList,
        url: found.Url,
      }
    );
  },

  async update(id, props, old, changed, aws) {
    const iam = aws.client(IAMClient);
    const provider = { OpenIDConnectProviderArn: id };
    const ThumbprintList = texts(props, "thumbprintLists");
    if (changed.has("thumbprintLists") && ThumbprintList?.length) {
      await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...provider, ThumbprintList }));
    }
    if (changed.has("clientIdLists")) {
      const next = texts(props, "clientIdLists") ?? [];
      const before = texts(old, "clientIdLists") ?? [];
      // Added first, so that it never stands without any.
      for (const ClientID of next.filter((client) => !before.includes(client))) {
        await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...provider, ClientID }));
      }
      for (const ClientID of before.filter((client) => !next.includes(client))) {
        await iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...provider, ClientID }));
      }
    }
    if (changed.has("tagsAll")) {
      const { added, removed } = tagChanges(props, old);
      if (removed.length > 0) await iam.send(new UntagOpenIDConnectProviderCommand({ ...provider, TagKeys: removed }));
      const Tags = tagList(added);
      if (Tags) await iam.send(new TagOpenIDConnectProviderCommand({ ...provider, Tags }));
    }
  },

  async delete(id, _props, aws) {
    await unlessGone(
      aws.client(IAMClient).send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: id })),
      ...NO_SUCH_ENTITY,
    );
  },
};

const withoutScheme = (url: unknown): string => String(url).replace(/^https:\/\//, "");
