import type { ManifestsPreview } from "../gitops/preview-manifests.ts";
import { formatOutcome } from "../service-outcome.ts";
import { style } from "./style.ts";

/** What a deploy would commit, for a terminal. @param stream where it will be printed */
export function formatManifests(
  { branch, services, unknown, diff }: ManifestsPreview,
  stream: NodeJS.WriteStream,
): string {
  const waiting = unknown.map((name) => `  ${name}: its image will be built; its manifests are known after that`);
  if (services.length + waiting.length === 0) return `  ${branch} already has these manifests.`;
  const coloured = diff
    .trimEnd()
    .split("\n")
    .map((line) => coloredLine(line, stream));
  return [...services.map((service) => `  ${formatOutcome(service)}`), ...waiting, "", ...(diff ? coloured : [])]
    .join("\n")
    .trimEnd();
}

function coloredLine(line: string, stream: NodeJS.WriteStream): string {
  if (/^(diff --git|index|---|\+\+\+|new file|deleted file)/.test(line)) return style("bold", line, stream);
  if (line.startsWith("+")) return style("green", line, stream);
  return line.startsWith("-") ? style("red", line, stream) : line;
}
