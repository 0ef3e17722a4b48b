/** A message as Go templates see it: https://argo-cd.readthedocs.io/en/release-3.2/operator-manual/notifications/templates/ */
export interface SlackMessage {
  /** An expression. Plain text: it is what a phone shows. */
  headline: string;
  /** Expressions, each one line of Slack's markup. Empty ones are left out. */
  lines: readonly string[];
  /** Whether the channel must see it even if the commit's other messages are in a thread. */
  isUrgent: boolean;
}

export interface MessagesArgs {
  stack: string;
  /** URL of the manifests repository. */
  repository: string;
}

/**
 * Longest texts that others have written, in bytes as they are sent. Together they fit into a section, or Slack would refuse the message:
 * https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
const LIMITS = { subject: 300, by: 100, reason: 1800, objects: 600 };

/**
 * What each message reads, as variables. Texts that others have written are escaped: `<!channel>` in the subject of a commit would
 * notify everybody. A commit by Slipway says what it is in its trailers; any other has none.
 */
export function factsOf({ stack, repository }: MessagesArgs): string {
  const trailer = (name: string) =>
    `regexFind "(?m)^${name}: .*" $commit.Message | trimPrefix "${name}: " | trim | ${ESCAPED}`;
  return [
    `$service := dig "labels" "slipway.dev/service" .app.metadata.name .app.metadata`,
    `$operation := .app.status.operationState`,
    `$revision := dig "syncResult" "revision" (dig "operation" "sync" "revision" "" $operation) $operation`,
    `$commit := call .repo.GetCommitMetadata $revision`,
    `$subject := $commit.Message | splitList "\\n" | first | ${ESCAPED} | trunc ${LIMITS.subject}`,
    `$release := ${trailer("Slipway-Deploy")}`,
    `$action := ${trailer("Slipway-Action")}`,
    `$by := ${trailer("Slipway-By")} | default ($commit.Author | ${ESCAPED}) | trunc ${LIMITS.by}`,
    `$changed := ${trailer("Slipway-Services")}`,
    // A change by hand is healed to the newest commit of the branch, which may be that of another service.
    `$isHealed := and $changed (not (has $service (splitList ", " $changed)))`,
    `$what := ternary $release (printf "commit %s" (trunc 7 $revision)) (ne $release "")`,
    `$done := get (dict "rollback" "rolled back to" "restart" "restarted" "revert" "returned to") $action | default "runs"`,
    `$objects := list`,
    `range (dig "syncResult" "resources" list $operation)`,
    `$objects = append $objects (printf "%s %s" .kind .name)`,
    "end",
    `$objectList := $objects | uniq | join ", " | ${ESCAPED} | trunc ${LIMITS.objects}`,
    `$reasons := list`,
    "range .app.status.resources",
    `if and .health (eq (dig "status" "" .health) "Degraded")`,
    `$reasons = append $reasons (printf "%s %s: %s" .kind .name (dig "message" "degraded" .health))`,
    "end",
    "end",
    `$reason := $reasons | join "\\n" | ${ESCAPED} | trunc ${LIMITS.reason}`,
    `$start := call .time.Parse $operation.startedAt`,
    `$applied := call .time.Parse ($operation.finishedAt | default $operation.startedAt)`,
    // Of before, if the commit changes no pods.
    `$healthy := call .time.Parse (.app.status.health.lastTransitionTime | default $operation.startedAt)`,
    `$seconds := max (int64 ($applied.Sub $start).Seconds) (int64 ($healthy.Sub $start).Seconds)`,
    `$took := ternary (printf "Took %s" (duration $seconds)) "" (gt $seconds 0)`,
    `$link := printf "<${commitUrl(repository)}%s|%s> %s" $revision (trunc 7 $revision) $subject`,
    `$origin := printf "Commit %s, by %s" $link $by`,
    `$rollback := ${JSON.stringify(`*To roll back*\n\`${command("rollback", stack)}\``)}`,
  ]
    .map((action) => `{{- ${action} -}}`)
    .join("\n");
}

const ESCAPED = `replace "&" "&amp;" | replace "<" "&lt;" | replace ">" "&gt;"`;

/** The messages by the name of their template. */
export function slackMessages({ stack }: MessagesArgs): Record<string, SlackMessage> {
  const healed = {
    headline: `(printf "🩹 ${stack}: a change of %s by hand was undone" $service)`,
    lines: [
      `(printf "*Restored* %s" $objectList)`,
      `$origin`,
      `"To keep a change, make it in the project and deploy it."`,
    ],
  };
  const removed = `(printf "🗑️ ${stack}: %s is removed" $service)`;
  const deployed = `(printf "✅ ${stack}: %s %s %s" $service $done $what)`;
  const either = (ofHealed: string, other: string) => `(ternary ${ofHealed} ${other} (not (not $isHealed)))`;
  return {
    deployed: {
      headline: either(healed.headline, `(ternary ${deployed} ${removed} (not (not .app.status.resources)))`),
      lines: [
        either(healed.lines[0] ?? "", "$took"),
        "$origin",
        // Whoever has just gone back has nothing to go back to.
        `(ternary "" $rollback (or (not (not $isHealed)) (has $action (list "rollback" "revert"))))`,
      ],
      isUrgent: false,
    },
    degraded: {
      headline: `(printf "❌ ${stack}: %s is degraded at %s" $service $what)`,
      lines: ['(printf "*Reason*\\n```%s```" ($reason | default "Argo CD gives none"))', "$origin", "$rollback"],
      isUrgent: true,
    },
    waiting: {
      headline: `(printf "⏸️ ${stack}: %s waits with %s" $service $what)`,
      lines: [
        `(printf "*To go on*\\n\`${command("promote %s", stack)}\`" $service)`,
        `(printf "*To go back*\\n\`${command("abort %s", stack)}\`" $service)`,
        `"A pause with a duration ends by itself."`,
        "$origin",
      ],
      isUrgent: true,
    },
    healed: { ...healed, isUrgent: true },
    failing: {
      headline: `(printf "❌ ${stack}: %s cannot be applied at %s" $service $what)`,
      lines: [
        `(printf "*Reason*\\n\`\`\`%s\`\`\`" (dig "message" "" $operation | ${ESCAPED} | trunc ${LIMITS.reason}))`,
        "$origin",
        "$rollback",
      ],
      isUrgent: true,
    },
  };
}

function command(name: string, stack: string): string {
  return `npm run slipway -- ${name} --stack ${stack}`;
}

/** Where servers show a commit, but for the commit itself. */
export function commitUrl(repository: string): string {
  const base = repository.replace(/\.git$/, "");
  const { hostname } = new URL(base);
  if (hostname === "bitbucket.org") return `${base}/commits/`;
  return /(^|\.)gitlab\./.test(hostname) ? `${base}/-/commit/` : `${base}/commit/`;
}
