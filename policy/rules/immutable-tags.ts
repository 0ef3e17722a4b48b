import type { Rule } from "../rule.ts";

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html */
const IMMUTABLE = ["IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"];

export const immutableTags: Rule = {
  name: "immutable-tags",
  description: "Tags of an ECR repository cannot move: a release that was tested stays the bytes that were tested.",
  resource: ({ type, props }) =>
    type !== "aws:ecr/repository:Repository" || IMMUTABLE.includes(String(props.imageTagMutability))
      ? []
      : ["its tags can move. Set imageTagMutability: IMMUTABLE"],
};
