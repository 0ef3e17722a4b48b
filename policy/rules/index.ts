import type { Rule } from "../rule.ts";
import { disruptionBudget } from "./disruption-budget.ts";
import { encryption } from "./encryption.ts";
import { iamWildcards } from "./iam-wildcards.ts";
import { imageDigest } from "./image-digest.ts";
import { imdsv2 } from "./imdsv2.ts";
import { immutableTags } from "./immutable-tags.ts";
import { plaintextSecrets } from "./plaintext-secrets.ts";
import { podSecurity } from "./pod-security.ts";
import { probes } from "./probes.ts";
import { protectedData } from "./protected-data.ts";
import { publicEndpoints } from "./public-endpoints.ts";
import { replicas } from "./replicas.ts";
import { resources } from "./resources.ts";
import { spread } from "./spread.ts";

/** All rules. Each also has its name in config/policy-rules.ts, by which an environment may make an exception. */
export const RULES: readonly Rule[] = [
  disruptionBudget,
  encryption,
  iamWildcards,
  imageDigest,
  imdsv2,
  immutableTags,
  plaintextSecrets,
  podSecurity,
  probes,
  protectedData,
  publicEndpoints,
  replicas,
  resources,
  spread,
];
