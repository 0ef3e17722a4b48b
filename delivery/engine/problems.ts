import { stripVTControlCharacters } from "node:util";
import type { PolicyEvent } from "@pulumi/pulumi/automation/events.js";
import type { EngineEvent } from "./event-log.ts";

/** What the engine prints after any failure. It gives no reason; earlier messages do. */
const SUMMARY = /^(update|preview|refresh) failed$/i;

/** The error messages of an update, those about pods and broken policies first because they give the reason. */
export function readProblems(events: readonly EngineEvent[]): string[] {
  const messages = events.flatMap(({ diagnosticEvent }) => {
    if (!diagnosticEvent || diagnosticEvent.ephemeral) return [];
    const { severity, urn = "" } = diagnosticEvent;
    const message = stripMarkup(diagnosticEvent.message);
    // components/rollout reports failing pods as warnings of the service.
    const isPod = severity === "warning" && /::slipway:index:Service::/.test(urn) && /: pod /.test(message);
    if ((severity !== "error" && !isPod) || message === "" || SUMMARY.test(message)) return [];
    return [{ message, isPod }];
  });
  const broken = events.flatMap(({ policyEvent }) =>
    policyEvent?.enforcementLevel === "mandatory" ? [violation(policyEvent)] : [],
  );
  const reasonsFirst = [...messages.filter(({ isPod }) => isPod), ...messages.filter(({ isPod }) => !isPod)];
  return [...new Set([...broken, ...reasonsFirst.map(({ message }) => message)])];
}

/** A message of the pack has the rule's description and, on its last line, what breaks it. */
function violation({ policyName, resourceUrn = "", message }: PolicyEvent): string {
  const what = stripMarkup(message).split("\n").at(-1)?.trim();
  return `${resourceUrn.split("::").at(-1)} breaks the policy ${policyName}: ${what}`;
}

/** The migrations that a preview announces. */
export function readMigrations(events: readonly EngineEvent[]): string[] {
  return events.flatMap(({ diagnosticEvent }) => {
    if (diagnosticEvent?.severity !== "info" || diagnosticEvent.ephemeral) return [];
    const message = stripMarkup(diagnosticEvent.message).replace(/^info: /, "");
    return /^\S+ \S+: migration (expand|contract) runs (before|after) the rollout/.test(message) ? [message] : [];
  });
}

/** Events contain the engine's markup for colours: `<{%fg 1%}>`. */
export function stripMarkup(text: string): string {
  return stripVTControlCharacters(text.replaceAll(/<\{%[^%]*%\}>/g, "")).trim();
}
