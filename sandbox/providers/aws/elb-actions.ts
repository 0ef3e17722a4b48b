import type { Action, ActionTypeEnum, RedirectActionStatusCodeEnum } from "@aws-sdk/client-elastic-load-balancing-v2";
import { items, number, object, text } from "./props.ts";
import type { InputRule, Outputs, Props } from "./resource.ts";

/** What a listener does with a request. Those that ask who the client is are not served. */
export const actionInputs: Record<string, InputRule> = {
  type: { required: true },
  order: { computed: true },
  targetGroupArn: {},
  forward: {
    fields: {
      targetGroups: { required: true, set: true, fields: { arn: { required: true }, weight: { default: 1 } } },
    },
  },
  redirect: {
    fields: {
      host: { default: "#{host}" },
      path: { default: "/#{path}" },
      port: { default: "#{port}" },
      protocol: { default: "#{protocol}" },
      query: { default: "#{query}" },
      statusCode: { required: true },
    },
  },
  fixedResponse: {
    fields: { contentType: { required: true }, messageBody: {}, statusCode: { computed: true } },
  },
};

/** By the type of an action, the properties of which it needs one. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  "fixed-response": ["fixedResponse"],
  forward: ["targetGroupArn", "forward"],
  redirect: ["redirect"],
};

/** What is wrong with the default actions of a listener. */
export function actionFaults(actions: readonly Props[]): { property: string; reason: string }[] {
  return actions.flatMap((action, index) => {
    const property = `defaultActions[${index}]`;
    const type = text(action, "type") ?? "";
    const needed = NEEDED[type];
    if (!needed) {
      const served = Object.keys(NEEDED).join(", ");
      return [
        { property: `${property}.type`, reason: `was "${type}"; the stand-in for the aws plugin serves ${served}` },
      ];
    }
    const given = needed.filter((name) => action[name] !== undefined);
    if (given.length === 1) return [];
    return [{ property, reason: `an action of type "${type}" needs ${needed.join(" or ")}, and one of them` }];
  });
}

export function actionRequest(action: Props, index: number): Action {
  const [forward, redirect, response] = ["forward", "redirect", "fixedResponse"].map((name) => object(action, name));
  return {
    Type: text(action, "type") as ActionTypeEnum,
    Order: number(action, "order") ?? index + 1,
    TargetGroupArn: text(action, "targetGroupArn"),
    ForwardConfig: forward && {
      TargetGroups: items(forward, "targetGroups").map((group) => ({
        TargetGroupArn: text(group, "arn"),
        Weight: number(group, "weight"),
      })),
    },
    RedirectConfig: redirect && {
      Host: text(redirect, "host"),
      Path: text(redirect, "path"),
      Port: text(redirect, "port"),
      Protocol: text(redirect, "protocol"),
      Query: text(redirect, "query"),
      StatusCode: text(redirect, "statusCode") as RedirectActionStatusCodeEnum,
    },
    FixedResponseConfig: response && {
      ContentType: text(response, "contentType"),
      MessageBody: text(response, "messageBody"),
      StatusCode: text(response, "statusCode"),
    },
  };
}

/**
 * An action as AWS tells it.
 *
 * @param known the action as it was given.
 */
export function actionOutputs(found: Action, known: Props | undefined): Outputs {
  const { FixedResponseConfig: response, ForwardConfig: forward, RedirectConfig: redirect } = found;
  // AWS tells a single target group in both places; the program gave it in one.
  const single = found.TargetGroupArn !== undefined && !known?.forward;
  return {
    order: found.Order,
    type: found.Type,
    targetGroupArn: single ? found.TargetGroupArn : undefined,
    forward:
      single || !forward
        ? undefined
        : { targetGroups: forward.TargetGroups?.map((group) => ({ arn: group.TargetGroupArn, weight: group.Weight })) },
    redirect: redirect && {
      host: redirect.Host,
      path: redirect.Path,
      port: redirect.Port,
      protocol: redirect.Protocol,
      query: redirect.Query,
      statusCode: redirect.StatusCode,
    },
    fixedResponse: response && {
      contentType: response.ContentType,
      messageBody: response.MessageBody,
      statusCode: response.StatusCode,
    },
  };
}
