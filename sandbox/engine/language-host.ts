/**
 * Stands in for `pulumi-language-nodejs`, which no package registry has. It starts the SDK's own runner with the options of
 * Pulumi.yaml, as the official host does. Everything else that the engine may ask of a host is left out.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";

/** The runner has printed what is wrong: https://github.com/pulumi/pulumi/tree/master/sdk/nodejs/cmd/run */
const ALREADY_PRINTED = 32;

/** Milliseconds between two checks that the engine is alive. */
const ENGINE_CHECK_MS = 500;

const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
const programs = new Set<ChildProcess>();

type Call<Request> = grpc.ServerUnaryCall<Request, unknown>;
type Reply<Response> = grpc.sendUnaryData<Response>;

const methods = {
  getPluginInfo: (_: unknown, reply: Reply<plugin.PluginInfo>) => {
    const info = new plugin.PluginInfo();
    info.setVersion("1.0.0");
    reply(null, info);
  },
  getRequiredPackages: (_: unknown, reply: Reply<language.GetRequiredPackagesResponse>) =>
    reply(null, new language.GetRequiredPackagesResponse()),
  getRequiredPlugins: (_: unknown, reply: Reply<language.GetRequiredPluginsResponse>) =>
    reply(null, new language.GetRequiredPluginsResponse()),
  run: ({ request }: Call<language.RunRequest>, reply: Reply<language.RunResponse>) => {
    const child = startProgram(request);
    child.on("exit", (code) => {
      const response = new language.RunResponse();
      if (code === ALREADY_PRINTED) response.setBail(true);
      else if (code !== 0) response.setError(`the program exited with code ${code}`);
      reply(null, response);
    });
  },
};

function startProgram(request: language.RunRequest): ChildProcess {
  const info = request.getInfo();
  const options = info?.getOptions()?.toJavaScript() as { nodeargs?: string } | undefined;
  const directory = info?.getProgramDirectory() ?? request.getPwd();
  const flags = [
    `--monitor=${request.getMonitorAddress()}`,
    `--engine=${engine}`,
    `--project=${request.getProject()}`,
    `--stack=${request.getStack()}`,
    `--organization=${request.getOrganization()}`,
    `--root-directory=${info?.getRootDirectory()}`,
    `--pwd=${request.getPwd()}`,
    `--parallel=${request.getParallel()}`,
    ...(request.getDryrun() ? ["--dry-run"] : []),
  ];
  const runner = join(directory, "node_modules/@pulumi/pulumi/cmd/run");
  const args = [...(options?.nodeargs?.split(" ") ?? []), runner, ...flags, info?.getEntryPoint() ?? "."];
  const child = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ["ignore", 2, 2],
    env: {
      ...process.env,
      PULUMI_NODEJS_TYPESCRIPT: "false",
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  });
  programs.add(child);
  child.on("exit", () => programs.delete(child));
  return child;
}

const server = new grpc.Server();
server.addService(rpc.LanguageRuntimeService as unknown as grpc.ServiceDefinition, methods);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, port) =>
  process.stdout.write(`${port}\n`),
);

// No program outlives its host.
process.on("exit", () => {
  for (const program of programs) program.kill();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));

// An engine that was killed, or that stopped waiting for its host, does not end it.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(0), ENGINE_CHECK_MS).unref();
