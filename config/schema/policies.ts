import { z } from "zod";
import { POLICY_RULES } from "../policy-rules.ts";
import { dnsName } from "./formats.ts";

export const policiesSchema = z.strictObject({
  enforcement: z
    .enum(["mandatory", "advisory"])
    .optional()
    .describe(
      "mandatory: an update that breaks a rule is refused. advisory: it is only reported. If left out: mandatory with protect: data, " +
        "advisory with protect: none. A rollback or restart is never refused.",
    ),
  exceptions: z
    .array(
      z.strictObject({
        rule: z.enum(POLICY_RULES).describe("Rule that is not applied."),
        name: z
          .string()
          .min(1)
          .describe("Service, or resource by the last part of its URN, that it is not applied to."),
        reason: z.string().min(10).describe("Why, for those who review it. Ten characters or more."),
      }),
    )
    .optional()
    .describe("What may break a rule, each with the reason."),
  allowDelete: z
    .array(dnsName)
    .optional()
    .describe(
      "Services that one update may remove together. An update that removes more than one is refused unless all of them are named, " +
        "here or by slipway deploy --allow-delete.",
    ),
});
