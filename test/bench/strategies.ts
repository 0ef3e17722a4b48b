import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startPlatform } from "../../sandbox/platform/start.ts";
import { type Run, Workspace } from "../e2e/workspace.ts";
import { type LoadReport, startLoad } from "../load/load.ts";
import { projectRoot } from "../project-root.ts";
import { atMost, type Result, say } from "./results.ts";
import { drawTraffic } from "./traffic-picture.ts";

const NAMESPACE = "bench-strategies";
const RATE = 500;
const STEPS = [{ weight: 25 }, { pause: 20 }, { weight: 50 }, { pause: 10 }];
const off = { enabled: false };
const api = { replicas: { min: 3, max: 3 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };

interface Measured {
  run: Run;
  /** Of the whole command. */
  seconds: number;
  /** From the start of the command to the first answer of another release. */
  untilSwitch: number;
  report: LoadReport;
}

/** A deploy of 3 pods in each way, and its way back, under 500 requests a second. Draws a picture of each into docs/pictures. */
export async function measureStrategies(): Promise<Result[]> {
  await startPlatform({ strategies: true }).run();
  const shop = new Workspace(NAMESPACE, {
    addons: { prometheus: { enabled: true } },
    services: { web: off, orders: off, worker: off, api: { ...api, rollout: { minReadySeconds: 1 } } },
  });
  const deploy = (release: string, rollout: object, config: object = {}) => {
    shop.configure(release, { services: { api: { ...api, rollout: { minReadySeconds: 1, ...rollout }, config } } });
    return underLoad(shop);
  };
  const analysis = { successRate: 99, intervalSeconds: 10 };
  try {
    await shop.begin();
    await shop.up();
    const rolling = await deploy("v2", { strategy: "rolling" });
    const toBlueGreen = await deploy("v2", { strategy: "blueGreen" });
    const blueGreen = await deploy("v3", { strategy: "blueGreen" });
    const back = await deploy("v2", { strategy: "blueGreen" });
    const bad = await deploy("v4", { strategy: "blueGreen" }, { FAIL_MODE: "crash" });
    const toCanary = await deploy("v2", { strategy: "canary", steps: STEPS }, { FAIL_MODE: "" });
    const canary = await deploy("v3", { strategy: "canary", analysis });
    const wrong = await deploy("v4", { strategy: "canary" }, { FAIL_MODE: "errors" });
    const pictures = { rolling, "blue-green": blueGreen, "blue-green-rollback": back, canary, "canary-errors": wrong };
    for (const [name, { report, seconds }] of Object.entries(pictures)) draw(name, report, seconds);
    return [
      lossless("rolling: a deploy", rolling),
      lossless("rolling to blue/green, the same release", toBlueGreen),
      lossless("blue/green: a deploy", blueGreen),
      lossless("blue/green: a rollback while the old pods are kept", back),
      atMost("blue/green: from that command to the switch", back.untilSwitch, 5),
      lossless("blue/green: a bad release", bad),
      atMost("blue/green: a bad release, the whole command", bad.seconds, 60),
      lossless("blue/green to canary, the same release", toCanary),
      lossless("canary: a deploy", canary),
      {
        what: "canary of 25 %, every second answer a 500",
        measured: wrong.report.failed,
        unit: "requests failed",
        target: RATE * 0.25 * 0.5 * 25,
        ok: wrong.run.exitCode !== 0 && wrong.report.failed <= RATE * 0.25 * 0.5 * 25,
        detail: `of ${wrong.report.sent}; ${wrong.seconds} s`,
      },
    ];
  } finally {
    await shop.remove();
  }
}

async function underLoad(shop: Workspace): Promise<Measured> {
  const load = await startLoad({
    url: `http://api.${NAMESPACE}.localhost:30080/version`,
    rps: RATE,
    timeoutMs: 30_000,
    maxSeconds: 600,
  });
  const begun = Date.now();
  const run = await shop.run("up");
  const seconds = Math.round((Date.now() - begun) / 100) / 10;
  await sleep(8_000);
  const report = await load.stop();
  const [first] = Object.keys(report.perSecond[0] ?? {});
  const switched = report.perSecond.findIndex((counts) => Object.keys(counts).some((key) => key !== first));
  say(`${seconds} s, ${report.failed} of ${report.sent} failed, exit code ${run.exitCode}`);
  return { run, seconds, untilSwitch: switched, report };
}

function lossless(what: string, { report, seconds, run }: Measured): Result {
  const detail = `of ${report.sent}; ${seconds} s; exit code ${run.exitCode}; p99 ${report.latency.p99} ms`;
  return atMost(what, report.failed, 0, detail, "requests failed");
}

function draw(name: string, report: LoadReport, seconds: number): void {
  const folder = join(projectRoot, "docs/pictures");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.svg`), drawTraffic(report.perSecond, { commandSeconds: seconds }));
}
