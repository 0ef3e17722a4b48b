import * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import * as status from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { InitializationFailed } from "./handler.ts";
import { encode } from "./wire.ts";

/** The gRPC answer for an error: its message, and for a resource that is not ready its state. */
export function toStatus(error: unknown): Partial<grpc.StatusObject> & { code: grpc.status; details: string } {
  const details = error instanceof Error ? error.message : String(error);
  const answer = { code: grpc.status.UNKNOWN, details };
  if (!(error instanceof InitializationFailed)) return answer;

  const failed = new proto.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(encode(error.properties))
    .setInputs(encode(error.inputs))
    .setReasonsList([error.message]);
  const any = new Any();
  any.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const rich = new status.Status().setCode(grpc.status.UNKNOWN).setMessage(details);
  rich.addDetails(any);
  // The trailer of gRPC for typed error details, from which the engine reads the partial state.
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
  return { ...answer, metadata };
}
