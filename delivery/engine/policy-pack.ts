/**
 * Makes the engine apply the rules of policy/. Not for a rollback or a restart: what ran already must come back, also if the pack cannot
 * start.
 */
export const POLICY_PACK = ["--policy-pack", "policy/pack"];
