import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "../../delivery/engine/run.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { linesOf } from "./repositories.ts";

interface Answer {
  stdout?: string;
  stderr?: string;
  /** Written to the event log; a string as it is. */
  events?: EngineEvent[] | string;
  exitCode?: number;
  /** Shell commands to run before it ends. */
  script?: string;
}

/** A Pulumi CLI that only prints prepared answers. */
export class FakePulumi {
  private readonly folder: string;

  /** @param folder for its files. @default - one for as long as the test runs */
  constructor(folder = temporaryFolder()) {
    this.folder = folder;
    mkdirSync(join(this.folder, "bin"));
    // Like the real CLI, it knows --event-log only if debug commands are enabled.
    const script = `#!/bin/sh
printf '%s' "$*" | tr '\\n' ' ' >> '${this.folder}/calls'; echo >> '${this.folder}/calls'
case "$1" in stack) answer="$1-$2" ;; *) answer="$1" ;; esac
for argument in "$@"; do
  case "$last" in
    --event-log)
      [ "$PULUMI_DEBUG_COMMANDS" = true ] || { echo "error: unknown flag: --event-log" >&2; exit 255; }
      log="$argument" ;;
    --config-file) cp "$argument" '${this.folder}/config' ;;
  esac
  last="$argument"
done
. '${this.folder}/'"$answer"
`;
    writeFileSync(join(this.folder, "bin/pulumi"), script, { mode: 0o755 });
    // Asked before every preview and update. A state without resources.
    this.answer("stack export", { stdout: "{}" });
  }

  /** @param command such as `up` or `stack history` */
  answer(command: string, { stdout = "", stderr = "", events = [], exitCode = 0, script = "" }: Answer): void {
    const file = join(this.folder, command.replace(" ", "-"));
    const numbered = (event: EngineEvent, sequence: number) => `${JSON.stringify({ ...event, sequence })}\n`;
    const log = typeof events === "string" ? events : events.map(numbered).join("");
    for (const [end, text] of Object.entries({ stdout, stderr, log })) writeFileSync(`${file}.${end}`, text);
    writeFileSync(
      file,
      `[ -z "$log" ] || cat '${file}.log' > "$log"
cat '${file}.stdout'
cat '${file}.stderr' >&2
${script}
exit ${exitCode}
`,
    );
  }

  /** The command lines it was called with. */
  get calls(): string[] {
    const file = join(this.folder, "calls");
    return existsSync(file) ? linesOf(readFileSync(file, "utf8")) : [];
  }

  /** The last file that --config-file named. */
  get config(): string {
    return readFileSync(join(this.folder, "config"), "utf8");
  }

  /** A PATH on which it is found first. */
  get path(): string {
    return `${join(this.folder, "bin")}:${process.env.PATH}`;
  }
}
