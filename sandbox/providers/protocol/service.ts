import type * as grpc from "@grpc/grpc-js";
import * as plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { EngineLog } from "./engine-log.ts";
import type { CheckFailure, DiffResult, Operation, Plugin, PluginFunction, ResourceHandler } from "./handler.ts";
import { toStatus } from "./status.ts";
import { isMap, type PropertyMap, reveal } from "./value.ts";
import { decode, encode } from "./wire.ts";

interface ResourceRequest {
  getUrn(): string;
}

/** Translates between the gRPC messages of the provider protocol and {@link Plugin}. */
export class ProviderService {
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #handlers: Map<string, ResourceHandler> | undefined;

  private readonly plugin: Plugin;
  private readonly log: EngineLog;

  constructor(plugin: Plugin, log: EngineLog) {
    this.plugin = plugin;
    this.log = log;
  }

  /** Asks every running operation to stop. */
  abort(): void {
    this.#abort.abort();
  }

  /** Resolves when no operation is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** The gRPC methods. The engine accepts the answer "unimplemented" of the others. */
  methods(): grpc.UntypedServiceImplementation {
    return {
      getPluginInfo: this.#unary<Empty, plugins.PluginInfo>(async () =>
        new plugins.PluginInfo().setVersion(this.plugin.version),
      ),
      getSchema: this.#unary<proto.GetSchemaRequest, proto.GetSchemaResponse>(async () =>
        new proto.GetSchemaResponse().setSchema("{}"),
      ),
      checkConfig: this.#unary<proto.CheckRequest, proto.CheckResponse>(async (request) => {
        const news = revealed(decode(request.getNews()));
        return checkResponse(request.getNews(), await this.plugin.checkConfig(news));
      }),
      diffConfig: this.#unary<proto.DiffRequest, proto.DiffResponse>(async (request) =>
        diffResponse(
          await this.plugin.diffConfig(revealed(decode(request.getOlds())), revealed(decode(request.getNews()))),
        ),
      ),
      configure: this.#unary<proto.ConfigureRequest, proto.ConfigureResponse>((request) => this.#configure(request)),
      check: this.#unary<proto.CheckRequest, proto.CheckResponse>((request) => this.#check(request)),
      diff: this.#unary<proto.DiffRequest, proto.DiffResponse>(async (request) =>
        diffResponse(
          await this.#handler(request).diff(
            { id: request.getId(), olds: decode(request.getOlds()), news: decode(request.getNews()) },
            this.#operation(request, 0, request.getIgnorechangesList()),
          ),
        ),
      ),
      create: this.#unary<proto.CreateRequest, proto.CreateResponse>(async (request) => {
        const result = await this.#handler(request).create(
          { news: decode(request.getProperties()), preview: request.getPreview() },
          this.#operation(request, request.getTimeout()),
        );
        return new proto.CreateResponse().setId(result.id).setProperties(encode(result.properties));
      }),
      read: this.#unary<proto.ReadRequest, proto.ReadResponse>(async (request) => {
        const result = await this.#handler(request).read(
          {
            id: request.getId(),
            properties: decode(request.getProperties()),
            inputs: decode(request.getInputs()),
          },
          this.#operation(request, 0),
        );
        const response = new proto.ReadResponse().setId(result.id);
        if (result.id === "") return response;
        return response.setProperties(encode(result.properties)).setInputs(encode(result.inputs));
      }),
      update: this.#unary<proto.UpdateRequest, proto.UpdateResponse>(async (request) => {
        const result = await this.#handler(request).update(
          {
            id: request.getId(),
            olds: decode(request.getOlds()),
            news: decode(request.getNews()),
            preview: request.getPreview(),
          },
          this.#operation(request, request.getTimeout(), request.getIgnorechangesList()),
        );
        return new proto.UpdateResponse().setProperties(encode(result.properties));
      }),
      delete: this.#unary<proto.DeleteRequest, Empty>(async (request) => {
        await this.#handler(request).delete(
          { id: request.getId(), properties: decode(request.getProperties()) },
          this.#operation(request, request.getTimeout()),
        );
        return new Empty();
      }),
      cancel: this.#unary<Empty, Empty>(async () => {
        this.abort();
        return new Empty();
      }),
      invoke: this.#unary<proto.InvokeRequest, proto.InvokeResponse>(async (request) =>
        new proto.InvokeResponse().setReturn(encode(await this.#function(request.getTok())(decode(request.getArgs())))),
      ),
      call: this.#unary<proto.CallRequest, proto.CallResponse>(async (request) => {
        throw new Error(`this stand-in serves no methods; "${request.getTok()}" needs the official plugin`);
      }),
      construct: this.#unary<proto.ConstructRequest, proto.ConstructResponse>(async (request) => {
        throw new Error(`this stand-in serves no components; "${request.getType()}" needs the official plugin`);
      }),
    };
  }

  #unary<Request, Response>(run: (request: Request) => Promise<Response>) {
    return (call: grpc.ServerUnaryCall<Request, Response>, answer: grpc.sendUnaryData<Response>): void => {
      const operation = run(call.request).then(
        (response) => answer(null, response),
        (error: unknown) => answer(toStatus(error)),
      );
      this.#running.add(operation);
      void operation.finally(() => this.#running.delete(operation));
    };
  }

  async #configure(request: proto.ConfigureRequest): Promise<proto.ConfigureResponse> {
    const config = new Map<string, string>();
    request.getVariablesMap().forEach((value, key) => {
      config.set(key.split(":").at(-1) ?? key, value);
    });
    this.#handlers = await this.plugin.configure(config);
    return new proto.ConfigureResponse()
      .setAcceptsecrets(true)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(true);
  }

  async #check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
    const naming = request.getAutonaming();
    const proposedName = naming?.getProposedName();
    const { inputs, failures } = await this.#handler(request).check(
      {
        olds: decode(request.getOlds()),
        news: decode(request.getNews()),
        namingDisabled: naming?.getMode() === proto.CheckRequest.AutonamingOptions.Mode.DISABLE,
        ...(proposedName ? { proposedName } : {}),
      },
      this.#operation(request, 0),
    );
    return checkResponse(encode(inputs), failures);
  }

  #handler(request: ResourceRequest): ResourceHandler {
    const type = (request.getUrn().split("::")[2] ?? "").split("$").at(-1) ?? "";
    if (!this.#handlers) throw new Error(`"${type}" was requested before the provider was configured`);
    const handler = this.#handlers.get(type);
    if (handler) return handler;
    throw new Error(
      `the stand-in plugin does not serve "${type}" (served: ${[...this.#handlers.keys()].join(", ")}); ` +
        "use one of these or the official plugin",
    );
  }

  #function(token: string): PluginFunction {
    const functions = this.plugin.functions;
    if (!functions) throw new Error(`this stand-in serves no functions; "${token}" needs the official plugin`);
    if (!this.#handlers) throw new Error(`"${token}" was requested before the provider was configured`);
    const serve = functions.get(token);
    if (serve) return serve;
    throw new Error(
      `the stand-in plugin does not serve the function "${token}" (served: ${[...functions.keys()].join(", ")}); ` +
        "use one of these or the official plugin",
    );
  }

  #operation(request: ResourceRequest, timeoutSeconds: number, ignoreChanges: string[] = []): Operation {
    const urn = request.getUrn();
    const name = urn.split("::").slice(3).join("::");
    return { urn, name, timeoutSeconds, ignoreChanges, signal: this.#abort.signal, log: this.log.for(urn) };
  }
}

function revealed(map: PropertyMap): PropertyMap {
  const value = reveal(map);
  return isMap(value) ? value : {};
}

function checkResponse(inputs: ReturnType<typeof encode> | undefined, failures: CheckFailure[]): proto.CheckResponse {
  return new proto.CheckResponse()
    .setInputs(inputs)
    .setFailuresList(
      failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason)),
    );
}

function diffResponse(result: DiffResult): proto.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const kinds = {
    add: [ADD, ADD_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
  } as const;
  const response = new proto.DiffResponse()
    .setChanges(result.changes.size > 0 ? DIFF_SOME : DIFF_NONE)
    .setHasdetaileddiff(result.changes.size > 0)
    .setDeletebeforereplace(result.deleteBeforeReplace ?? false);
  for (const [path, { kind, replace }] of result.changes) {
    response.addDiffs(path);
    if (replace) response.addReplaces(path);
    const detail = new proto.PropertyDiff().setKind(kinds[kind][replace ? 1 : 0]).setInputdiff(kind === "delete");
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}
