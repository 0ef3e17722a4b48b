import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Table from "cli-table3";
import { execa } from "execa";
import { Stack, stackFileWith } from "../e2e/stack-commands.ts";
import { Workspace } from "../e2e/workspace.ts";
import { startLoad } from "../load/load.ts";
import { projectRoot } from "../project-root.ts";
import { atMost, measured, median, medianSeconds, type Result, say, seconds } from "./results.ts";
import { measureStrategies } from "./strategies.ts";

const RATE = 500;
const quick = { rollout: { minReadySeconds: 2 }, shutdown: { preStopSeconds: 5, drainSeconds: 5 } };
const off = { enabled: false };

/**
 * What can be measured, in order. EKS is last: it takes the cluster for itself.
 * Rollouts under load: with 20, more than 100,000 requests are sent.
 */
const PARTS: Record<string, (rollouts: number) => Promise<Result[]>> = {
  start: measureStart,
  "no-op": measureNoOp,
  sandbox: async () => [await measureWarmStart()],
  rollouts: measureRollouts,
  strategies: measureStrategies,
  eks: measureEks,
};

/**
 * Measures what design and README promise, prints a table, and writes bench-results.json.
 * Times are medians of whole commands; the machine's noise is in them.
 *
 * @param names of PARTS. @default - all
 * @throws Error if a name is unknown
 */
export async function bench(rollouts: number, names: readonly string[] = []): Promise<void> {
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    throw new Error(`bench: unknown part ${unknown.join(", ")}. Known: ${Object.keys(PARTS).join(", ")}.`);
  }
  const results: Result[] = [];
  for (const [name, measure] of Object.entries(PARTS)) {
    if (names.length === 0 || names.includes(name)) results.push(...(await measure(rollouts)));
  }
  const table = new Table({ head: ["What", "Measured", "Target", "", "Detail"], style: { head: [], border: [] } });
  for (const { what, measured, unit, target, ok, detail } of results) {
    const goal = target === undefined ? "" : `at most ${target}`;
    table.push([what, `${measured} ${unit}`, goal, ok ? "✔" : "✖", detail ?? ""]);
  }
  console.log(table.toString());
  const file = join(projectRoot, "bench-results.json");
  writeFileSync(file, `${JSON.stringify({ node: process.version, results }, null, 2)}\n`);
  console.log(`Written to ${file}`);
}

/** From the start of Node to a program whose modules are all loaded. */
async function measureStart(): Promise<Result[]> {
  const load = async (...modules: string[]) => {
    const imports = modules.map((module) => `import("./${module}")`).join(", ");
    const program = `await Promise.all([${imports}])`;
    return medianSeconds(() =>
      run("node", ["--import", "./components/fast-start.ts", "--input-type=module", "-e", program]),
    );
  };
  const modules = ["components/index.ts", "config/index.ts"];
  return [
    atMost("program start", await load(...modules), 1.5),
    atMost("program start on EKS", await load(...modules, "components/aws/eks-target.ts"), 2),
  ];
}

/** An update of ten services when nothing is to be done: by the plain Pulumi CLI, and by the sandbox's own command. */
async function measureNoOp(): Promise<Result[]> {
  const workspace = new Workspace("bench-noop", { services: tenServices() });
  try {
    await workspace.begin();
    say("deploying ten services");
    await workspace.up();
    const plain = async () => (await workspace.pulumi("up", "--yes", "--skip-preview")).output;
    return [
      atMost("no-op `pulumi up`, 10 services", await medianSeconds(() => noOp(plain)), 5),
      measured("the same by `npm run sandbox -- up`", await medianSeconds(() => noOp(() => workspace.up()))),
    ];
  } finally {
    await workspace.remove();
  }
}

/** Ten services that ask for little, in place of the shop's. */
function tenServices(): Record<string, object> {
  const worker = {
    ...quick,
    build: { context: "examples/shop/worker", args: { BASE_IMAGE: "127.0.0.1:5000/base/python:3.11" } },
    resources: { requests: { cpu: "5m", memory: "16Mi" }, limits: { memory: "64Mi" } },
    replicas: { min: 1 },
  };
  const names = Array.from({ length: 10 }, (_, index) => `worker-${index}`);
  return {
    ...{ web: off, api: off, orders: off, worker: off },
    ...Object.fromEntries(names.map((name) => [name, worker])),
  };
}

async function noOp(update: () => Promise<string>): Promise<void> {
  const output = await update();
  if (!/Resources:\s+\d+ unchanged/.test(output)) throw new Error(`the update was not a no-op:\n${output}`);
}

/** The same for production as it is in the repository, but for its services, in the emulated AWS. */
async function measureEks(): Promise<Result[]> {
  const [local, prod] = [new Stack("local"), new Stack("prod")];
  const file = stackFileWith("prod", { protect: "none", images: { build: "if-missing" }, services: tenServices() });
  await local.destroy();
  try {
    say("deploying ten services on EKS");
    await prod.up("--config-file", file);
    const seconds = await medianSeconds(() => noOp(() => prod.up("--config-file", file)));
    return [atMost("no-op `npm run sandbox -- up --stack prod`, 10 services", seconds, 10)];
  } finally {
    await prod.destroy("--config-file", file);
    rmSync(dirname(file), { recursive: true });
    await local.up();
  }
}

async function measureWarmStart(): Promise<Result> {
  await run("node", ["sandbox/bootstrap.mjs", "start"]);
  const measured = await medianSeconds(() => run("node", ["sandbox/bootstrap.mjs", "start"]), 3);
  return atMost("npm start, warm", measured, 30);
}

async function measureRollouts(rollouts: number): Promise<Result[]> {
  const workspace = new Workspace("bench-rollout", {
    services: { web: off, orders: off, worker: off, api: { ...quick, replicas: { min: 3, max: 3 } } },
  });
  try {
    await workspace.begin();
    await workspace.up();
    const load = await startLoad({
      url: "http://api.bench-rollout.localhost:30080/version",
      rps: RATE,
      maxSeconds: Math.min(3600, rollouts * 120),
    });
    const times: number[] = [];
    for (let rollout = 1; rollout <= rollouts; rollout++) {
      // Three releases in turn: the first round builds them, the others go back to bytes that are there.
      workspace.configure(`r${rollout % 3}`);
      times.push(await seconds(() => workspace.up()));
      say(`rollout ${rollout} of ${rollouts}: ${times.at(-1)} s`);
    }
    const { sent, failed, rate, latency, errors } = await load.stop();
    return [
      atMost(
        `failed requests of ${sent} over ${rollouts} rollouts`,
        failed,
        0,
        `${rate} rps, p99 ${latency.p99} ms ${JSON.stringify(errors)}`,
        "requests",
      ),
      atMost("deploy or rollback of 3 pods, under that load", median(times), 60),
    ];
  } finally {
    await workspace.remove();
  }
}

function run(command: string, args: string[]) {
  return execa(command, args, { cwd: projectRoot });
}
