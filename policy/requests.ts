import analyzer from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type {
  AnalyzeRequest,
  AnalyzerStackConfigureRequest,
  AnalyzeStackRequest,
} from "@pulumi/pulumi/proto/analyzer_pb.js";

interface Requests {
  configureStack: AnalyzerStackConfigureRequest;
  analyze: AnalyzeRequest;
  analyzeStack: AnalyzeStackRequest;
}

interface Method {
  requestDeserialize: (bytes: Buffer) => unknown;
}

/**
 * Sees each request of a kind before @pulumi/policy does. That keeps the stack's tags of a configureStack and drops its config, and
 * it gives properties without saying which of them are secrets:
 * https://github.com/pulumi/pulumi-policy/blob/v1.21.0/sdk/nodejs/policy/server.ts
 */
export function onRequest<K extends keyof Requests>(kind: K, see: (request: Requests[K]) => void): void {
  const method = (analyzer.AnalyzerService as unknown as Record<K, Method>)[kind];
  const { requestDeserialize } = method;
  method.requestDeserialize = (bytes) => {
    const request = requestDeserialize(bytes) as Requests[K];
    see(request);
    return request;
  };
}
