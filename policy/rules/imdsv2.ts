import type { Rule } from "../rule.ts";

const TYPES = ["aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance"];

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
export const imdsv2: Rule = {
  name: "imdsv2",
  description:
    "Instances give their credentials to IMDSv2 only: by IMDSv1 a service that is tricked into one request leaks the node's role.",
  resource: ({ type, props }) => {
    if (!TYPES.includes(type)) return [];
    const { httpTokens, httpEndpoint } = (props.metadataOptions ?? {}) as {
      httpTokens?: string;
      httpEndpoint?: string;
    };
    return httpTokens === "required" || httpEndpoint === "disabled"
      ? []
      : ["it answers IMDSv1. Set metadataOptions.httpTokens: required"];
  },
};
