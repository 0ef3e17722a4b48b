import * as grpc from "@grpc/grpc-js";
import * as engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import * as engine from "@pulumi/pulumi/proto/engine_pb.js";
import type { Log } from "./handler.ts";

const MAX_MESSAGE = { "grpc.max_send_message_length": -1, "grpc.max_receive_message_length": -1 };

/** Sends messages to the engine that started this plugin, which prints them with their resource. */
export class EngineLog {
  readonly #client: InstanceType<typeof engineRpc.EngineClient> | undefined;

  /** @param address host and port of the engine; without it (as in a test) messages go nowhere. */
  constructor(address: string | undefined) {
    if (address) this.#client = new engineRpc.EngineClient(address, grpc.credentials.createInsecure(), MAX_MESSAGE);
  }

  for(urn: string): Log {
    return {
      status: (message) => this.#send(urn, message, engine.LogSeverity.INFO, true),
      info: (message) => this.#send(urn, message, engine.LogSeverity.INFO, false),
      warning: (message) => this.#send(urn, message, engine.LogSeverity.WARNING, false),
    };
  }

  #send(urn: string, message: string, severity: engine.LogSeverity, ephemeral: boolean): void {
    const request = new engine.LogRequest();
    request.setUrn(urn);
    request.setMessage(message);
    request.setSeverity(severity);
    request.setEphemeral(ephemeral);
    // An undelivered message must not fail the operation.
    this.#client?.log(request, () => undefined);
  }
}
