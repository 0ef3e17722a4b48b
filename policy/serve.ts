import { join } from "node:path";
import { PolicyPack, type ResourceValidationArgs, UnknownValueError } from "@pulumi/policy";
import { applies, type Policies, policiesFor, resolvePolicies } from "../config/policy-rules.ts";
import { findClearText, formsOf } from "./clear-text.ts";
import { onRequest } from "./requests.ts";
import type { DeclaredResource, Rule } from "./rule.ts";
import { RULES } from "./rules/index.ts";
import { policiesOf } from "./stack-settings.ts";
import { objectIn } from "./violations.ts";

const CLEAR_TEXT: Rule["name"] = "plaintext-secrets";

let settings: Policies = resolvePolicies({});
let secrets: string[] = [];
/** By URN, where a resource that is about to be judged has a secret of the stack's config in clear text. */
const clearText = new Map<string, string[]>();

const policies = RULES.map((rule) => ({
  name: rule.name,
  description: rule.description,
  enforcementLevel: settings.enforcement,
  validateResource: (args: ResourceValidationArgs, report: (message: string) => void) => {
    if (!applies(settings, rule.name, args.name)) return;
    for (const message of messagesOf(rule, args)) report(message);
  },
}));

// The engine sends it first, so every level is right when the engine asks for the rules.
onRequest("configureStack", (request) => {
  const config = new Map(request.getConfigMap().entries());
  settings = policiesFor(policiesOf(config, join(import.meta.dirname, "..")), process.env.SLIPWAY_ACTION);
  secrets = formsOf(request.getConfigSecretKeysList().map((key) => config.get(key) ?? ""));
  for (const policy of policies) policy.enforcementLevel = settings.enforcement;
});

onRequest("analyze", (request) => {
  const paths = findClearText(request.getProperties()?.toJavaScript(), secrets);
  if (paths.length > 0) clearText.set(request.getUrn(), paths);
});

new PolicyPack("slipway", { policies });

function messagesOf(rule: Rule, { type, name, props, opts, urn }: ResourceValidationArgs): string[] {
  return [
    ...(rule.name === CLEAR_TEXT ? clearTextOf(urn) : []),
    ...judge(rule, { type, name, props, protect: opts.protect }),
  ];
}

/** In a preview a rule cannot judge what is not known yet. The update knows it, and asks again. */
function judge({ resource, objects }: Rule, declared: DeclaredResource): string[] {
  try {
    const object = objectIn(declared);
    return [...(resource?.(declared) ?? []), ...(object ? (objects?.([object], "one") ?? []) : [])];
  } catch (error) {
    if (error instanceof UnknownValueError) return [];
    throw error;
  }
}

function clearTextOf(urn: string): string[] {
  const paths = clearText.get(urn) ?? [];
  clearText.delete(urn);
  return paths.map((path) => `${path} holds a secret of the stack's config in clear text. Pass it on as a secret`);
}
