import { resolveService } from "../../resolve.ts";
import { MAX_ROLLOUT_SECONDS } from "../../rollout-timeout.ts";
import type { ParsedService } from "../../schema/service/index.ts";
import type { AddFault } from "./add-fault.ts";

export function checkMigration(name: string, service: ParsedService, add: AddFault): void {
  const { migration } = service;
  if (migration === undefined) return;
  const rollout = resolveService(name, service, "").rollout.timeoutSeconds;
  const both = rollout + migration.timeoutSeconds;
  if (both > MAX_ROLLOUT_SECONDS) {
    add(
      ["migration", "timeoutSeconds"],
      `with the rollout's ${rollout} s, a deploy of this service could take ${both} s; allowed are ${MAX_ROLLOUT_SECONDS} s. Lower it. ` +
        "What takes longer, such as a backfill, belongs in a job of its own: docs/migrations.md",
    );
  }
  const [program = ""] = migration.command;
  if (/\s/.test(program) && migration.command.length === 1) {
    add(
      ["migration", "command"],
      'is the name of one program, since no shell reads it. Write each word by itself: ["/app", "migrate"]',
    );
  }
}
