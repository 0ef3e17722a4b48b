import { isSecretName, secretsIn } from "../secret-variables.ts";

/** Secrets that the engine and its plugins work with: their own, those of clouds and their states, of registries, clusters and proxies. */
const NEEDED =
  /^(PULUMI|AWS|AZURE|ARM|GOOGLE|CLOUDSDK|VAULT|DOCKER|KUBE|HELM|SLIPWAY)_|^(KUBECONFIG|(https?|all|no)_proxy)$/i;

/** What is for CI's own steps: files by which a step changes the job, and logins to the CI system, to Slack and to the manifests repository. */
const OF_CI =
  /^(GITHUB_(ENV|PATH|OUTPUT|STATE|STEP_SUMMARY|TOKEN)|GH_TOKEN|SLIPWAY_MANIFESTS_TOKEN|SLACK_.*|ACTIONS_(RUNTIME|RESULTS|CACHE|ID_TOKEN)_.*|CI_(JOB|DEPENDENCY_PROXY|REGISTRY|DEPLOY|REPOSITORY).*_?(TOKEN|JWT|PASSWORD|URL)(_V\d)?|BITBUCKET_STEP_OIDC_TOKEN|SYSTEM_ACCESSTOKEN)$/i;

/**
 * The variables that the engine, its plugins and the program get: none that is for CI, and none with a secret that they do not need. Names in
 * SLIPWAY_PASS, with commas between them, are passed on whatever they hold.
 */
export function engineEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passed = new Set((environment.SLIPWAY_PASS ?? "").split(",").map((name) => name.trim()));
  const entries = Object.entries(environment).filter(
    ([name, value = ""]) => passed.has(name) || (!OF_CI.test(name) && (NEEDED.test(name) || !holdsSecret(name, value))),
  );
  return Object.fromEntries(entries);
}

/** By its name also if the value is too plain to be masked. */
function holdsSecret(name: string, value: string): boolean {
  return isSecretName(name) || secretsIn(name, value).length > 0;
}
