import { Command, InvalidArgumentError } from "commander";
import { type LoadReport, startLoad } from "./load.ts";

interface Flags {
  rps: number;
  seconds: number;
  connections: number;
  newConnections: number;
  timeout: number;
  header: Record<string, string>;
  json?: true;
}

const number = (given: string) => {
  if (given.trim() === "" || Number.isNaN(Number(given))) throw new InvalidArgumentError("A number is allowed.");
  return Number(given);
};

const header = (given: string, earlier: Record<string, string>) => {
  const at = given.indexOf(":");
  if (at < 1) throw new InvalidArgumentError("'name: value' is allowed.");
  return { ...earlier, [given.slice(0, at).trim()]: given.slice(at + 1).trim() };
};

await new Command("load")
  .description("Sends requests to this machine at a fixed rate and counts every one that is lost.")
  .argument("<url>", "http address on this machine")
  .option("--rps <n>", "requests begun per second", number, 500)
  .option("--seconds <n>", "how long; Ctrl-C ends it earlier", number, 30)
  .option("--connections <n>", "most kept-alive connections", number, 32)
  .option("--new-connections <share>", "share of requests on a connection of their own", number, 0.1)
  .option("--timeout <ms>", "longest time for an answer", number, 5_000)
  .option("--header <name: value>", "request header; may be repeated", header, {})
  .option("--json", "print the report as JSON")
  .addHelpText("after", "\nExit status: 0 if no request failed, 1 if one did, 2 if the load could not be run.")
  .action(async (url: string, flags: Flags) => {
    const report = await run(url, flags);
    console.log(flags.json ? JSON.stringify(report, null, 2) : summary(report));
    process.exitCode = report.failed > 0 ? 1 : 0;
  })
  .parseAsync()
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });

async function run(
  url: string,
  { rps, seconds, connections, newConnections, timeout, header }: Flags,
): Promise<LoadReport> {
  const load = await startLoad({
    url,
    rps,
    connections,
    newConnections,
    headers: header,
    timeoutMs: timeout,
    maxSeconds: seconds,
  });
  return new Promise((resolve, reject) => {
    const stop = () => load.stop().then(resolve, reject);
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    load.ended.then(resolve, reject);
  });
}

function summary({
  sent,
  ok,
  failed,
  rate,
  seconds,
  latency,
  byRelease,
  byPod,
  errors,
  generatorLateMs,
}: LoadReport): string {
  const counts = (by: Record<string, number>) =>
    Object.entries(by)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "not said";
  return [
    `${sent} sent in ${seconds} s (${rate}/s), ${ok} ok, ${failed} failed`,
    `latency p50 ${latency.p50} ms, p99 ${latency.p99} ms, max ${latency.max} ms; generator at most ${generatorLateMs} ms late`,
    `releases: ${counts(byRelease)}; pods: ${counts(byPod)}`,
    ...Object.entries(errors).map(([kind, seen]) => {
      const example = seen?.first[0];
      return `  ${kind}: ${seen?.count}, first at ${example?.at}${example?.newConnection ? " on a new connection" : ""}: ${example?.message}`;
    }),
  ].join("\n");
}
