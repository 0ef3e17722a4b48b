import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { EngineLog } from "./engine-log.ts";
import type { Plugin } from "./handler.ts";
import { ProviderService } from "./service.ts";

const PARENT_CHECK_MS = 500;

/** Serves a provider plugin on a free loopback port and prints the port, as the engine expects. */
export async function serve(plugin: Plugin): Promise<void> {
  const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const service = new ProviderService(plugin, new EngineLog(engineAddress));
  const server = new grpc.Server({ "grpc.max_send_message_length": -1, "grpc.max_receive_message_length": -1 });
  server.addService(rpc.ResourceProviderService as unknown as grpc.ServiceDefinition, service.methods());
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const leave = async (): Promise<void> => {
    service.abort();
    await service.idle();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, leave);
  onParentGone(leave);
  process.stdout.write(`${port}\n`);
}

/** A killed engine cannot stop its plugins: without this, they and their child processes would stay. */
function onParentGone(leave: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    leave();
  }, PARENT_CHECK_MS);
  watch.unref();
}
