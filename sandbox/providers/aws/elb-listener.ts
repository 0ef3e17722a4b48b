import {
  CreateListenerCommand,
  DeleteListenerCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  type ProtocolEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { actionFaults, actionInputs, actionOutputs, actionRequest } from "./elb-actions.ts";
import { type AttributeNames, fromAttributes, toAttributes } from "./elb-attributes.ts";
import { readTags, updateTags } from "./elb-tags.ts";
import { unlessGone } from "./errors.ts";
import { ownChanges } from "./own-changes.ts";
import { items, number, requiredText, text, textMap } from "./props.ts";
import type { AwsContext, AwsResource, InputRule, Props } from "./resource.ts";
import { tagList } from "./tag-changes.ts";

const NO_LISTENER = [
  "ListenerNotFoundException",
  "ListenerNotFound",
  "LoadBalancerNotFoundException",
  "LoadBalancerNotFound",
];
/** The first is of TCP, the others are of HTTP and HTTPS. */
const ATTRIBUTES: AttributeNames = {
  tcpIdleTimeoutSeconds: ["tcp.idle_timeout.seconds", "number"],
  routingHttpResponseContentSecurityPolicyHeaderValue: [
    "routing.http.response.content_security_policy.header_value",
    "text",
  ],
  routingHttpResponseServerEnabled: ["routing.http.response.server.enabled", "boolean"],
  routingHttpResponseStrictTransportSecurityHeaderValue: [
    "routing.http.response.strict_transport_security.header_value",
    "text",
  ],
  routingHttpResponseXContentTypeOptionsHeaderValue: [
    "routing.http.response.x_content_type_options.header_value",
    "text",
  ],
  routingHttpResponseXFrameOptionsHeaderValue: ["routing.http.response.x_frame_options.header_value", "text"],
};

/** `aws:lb/listener:Listener`. */
const listener: AwsResource = {
  inputs: {
    loadBalancerArn: { required: true, forcesNew: true },
    port: {},
    protocol: { computed: true },
    alpnPolicy: {},
    certificateArn: {},
    sslPolicy: { computed: true },
    ...Object.fromEntries(Object.keys(ATTRIBUTES).map((name): [string, InputRule] => [name, { computed: true }])),
    defaultActions: {
      required: true,
      fields: actionInputs,
    },
  },
  tagged: true,
  validate: (props) => actionFaults(items(props, "defaultActions")),
  async create(props, aws, op) {
    const request = {
      LoadBalancerArn: requiredText(props, "loadBalancerArn"),
      ...listenerRequest({ ...defaultProtocol(props), ...props }),
      Tags: tagList(textMap(props, "tagsAll")),
    };
    const made = await aws.client(ElasticLoadBalancingV2Client).send(new CreateListenerCommand(request));
    const arn = made.Listeners?.[0]?.ListenerArn ?? "";
    op.made(arn);
    await setAttributes(arn, props, Object.keys(ATTRIBUTES), aws);
    return arn;
  },
  async read(arn, known, aws) {
    const found = await findListener(arn, aws);
    if (!found) return undefined;
    const call = new DescribeListenerAttributesCommand({ ListenerArn: arn });
    const [{ Attributes }, tags] = await Promise.all([
      aws.client(ElasticLoadBalancingV2Client).send(call),
      readTags(arn, aws),
    ]);
    const actions = items(known, "defaultActions");
    return {
      ...fromAttributes(ATTRIBUTES, Attributes),
      alpnPolicy: found.AlpnPolicy?.[0],
      arn,
      certificateArn: found.Certificates?.[0]?.CertificateArn,
      defaultActions: found.DefaultActions?.map((action, index) => actionOutputs(action, actions[index])),
      loadBalancerArn: found.LoadBalancerArn,
      port: found.Port,
      protocol: found.Protocol,
      sslPolicy: found.SslPolicy,
      tags,
    };
  },
  async update(arn, props, old, changed, aws) {
    if (ownChanges(changed).some((name) => !(name in ATTRIBUTES))) {
      const request = { ListenerArn: arn, ...listenerRequest(props) };
      await aws.client(ElasticLoadBalancingV2Client).send(new ModifyListenerCommand(request));
    }
    await setAttributes(arn, props, changed, aws);
    await updateTags(arn, props, old, changed, aws);
  },
  async delete(arn, _props, aws) {
    const call = aws.client(ElasticLoadBalancingV2Client).send(new DeleteListenerCommand({ ListenerArn: arn }));
    await unlessGone(call, ...NO_LISTENER);
  },
};

export const listenerResources: Record<string, AwsResource> = { "aws:lb/listener:Listener": listener };

/** A listener of an application load balancer speaks HTTP unless it is told otherwise. */
function defaultProtocol(props: Props): Props {
  return requiredText(props, "loadBalancerArn").includes(":loadbalancer/app/") ? { protocol: "HTTP" } : {};
}

function listenerRequest(props: Props) {
  const [alpn, certificate] = [text(props, "alpnPolicy"), text(props, "certificateArn")];
  return {
    AlpnPolicy: alpn === undefined ? undefined : [alpn],
    Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }],
    DefaultActions: items(props, "defaultActions").map(actionRequest),
    Port: number(props, "port"),
    Protocol: text(props, "protocol") as ProtocolEnum | undefined,
    SslPolicy: text(props, "sslPolicy"),
  };
}

async function findListener(arn: string, aws: AwsContext): Promise<Listener | undefined> {
  const call = new DescribeListenersCommand({ ListenerArns: [arn] });
  const found = unlessGone(aws.client(ElasticLoadBalancingV2Client).send(call), ...NO_LISTENER);
  return (await found)?.Listeners?.[0];
}

async function setAttributes(arn: string, props: Props, names: Iterable<string>, aws: AwsContext): Promise<void> {
  const Attributes = toAttributes(ATTRIBUTES, props, names);
  if (Attributes.length === 0) return;
  const call = new ModifyListenerAttributesCommand({ ListenerArn: arn, Attributes });
  await aws.client(ElasticLoadBalancingV2Client).send(call);
}
