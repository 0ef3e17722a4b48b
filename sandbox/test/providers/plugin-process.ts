import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { bundleStandIn, type PluginName, type StandInName, writeStandIn } from "../../providers/bundle.ts";
import type { PropertyMap } from "../../providers/protocol/value.ts";
import { decode, encode } from "../../providers/protocol/wire.ts";
import { toolPath } from "../../toolchain.ts";

type Client = InstanceType<typeof rpc.ResourceProviderClient>;
type Call<Request, Response> = (request: Request, done: (error: Error | null, response: Response) => void) => unknown;

const bundles = new Map<StandInName, Promise<Uint8Array>>();

/** What a diff says, in plain values. */
export interface DiffAnswer {
  /** Changed paths; a replacing change ends in "!", as `delete metadata.name!`. */
  changes: string[];
  deleteBeforeReplace: boolean;
}

/** A plugin (the official one of Kubernetes, else a stand-in) started as the engine starts it. */
export class PluginProcess {
  private readonly name: PluginName;
  private readonly client: Client;
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(name: PluginName, client: Client, child: ChildProcess, folder: string) {
    this.name = name;
    this.client = client;
    this.child = child;
    this.folder = folder;
  }

  /** @param env added to the environment of the tests; undefined removes a variable. */
  static async start(name: PluginName, env: Record<string, string | undefined> = {}): Promise<PluginProcess> {
    const folder = mkdtempSync(join(tmpdir(), `slipway-plugin-${name}-`));
    const executable = name === "kubernetes" ? toolPath("pulumi-resource-kubernetes") : await standIn(name, folder);
    const child = spawn(executable, [], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the plugin exited with ${code} before it printed a port`)));
      child.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
    });
    const client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new PluginProcess(name, client, child, folder);
  }

  async stop(): Promise<void> {
    this.client.close();
    const exited = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  async configure(config: Record<string, string>): Promise<proto.ConfigureResponse> {
    const request = new proto.ConfigureRequest().setAcceptsecrets(true);
    for (const [key, value] of Object.entries(config))
      request.getVariablesMap().set(`${this.name}:config:${key}`, value);
    return this.#call<proto.ConfigureRequest, proto.ConfigureResponse>(this.client.configure, request);
  }

  async checkConfig(news: PropertyMap): Promise<string[]> {
    const request = new proto.CheckRequest().setUrn(urnOf("pulumi:providers:any")).setNews(encode(news));
    return failuresOf(await this.#call<proto.CheckRequest, proto.CheckResponse>(this.client.checkConfig, request));
  }

  async diffConfig(olds: PropertyMap, news: PropertyMap): Promise<DiffAnswer> {
    const request = new proto.DiffRequest().setUrn(urnOf("pulumi:providers:any"));
    return diffOf(
      await this.#call<proto.DiffRequest, proto.DiffResponse>(
        this.client.diffConfig,
        request.setOlds(encode(olds)).setNews(encode(news)),
      ),
    );
  }

  async check(
    type: string,
    news: PropertyMap,
    olds: PropertyMap = {},
  ): Promise<{ inputs: PropertyMap; failures: string[] }> {
    const request = new proto.CheckRequest().setUrn(urnOf(type)).setOlds(encode(olds)).setNews(encode(news));
    const response = await this.#call<proto.CheckRequest, proto.CheckResponse>(this.client.check, request);
    return { inputs: decode(response.getInputs()), failures: failuresOf(response) };
  }

  async diff(type: string, olds: PropertyMap, news: PropertyMap, ignore: string[] = []): Promise<DiffAnswer> {
    const request = new proto.DiffRequest().setUrn(urnOf(type)).setId("id").setIgnorechangesList(ignore);
    return diffOf(
      await this.#call<proto.DiffRequest, proto.DiffResponse>(
        this.client.diff,
        request.setOlds(encode(olds)).setNews(encode(news)),
      ),
    );
  }

  async create(type: string, news: PropertyMap, preview = false): Promise<{ id: string; properties: PropertyMap }> {
    const request = new proto.CreateRequest().setUrn(urnOf(type)).setProperties(encode(news)).setPreview(preview);
    const response = await this.#call<proto.CreateRequest, proto.CreateResponse>(this.client.create, request);
    return { id: response.getId(), properties: decode(response.getProperties()) };
  }

  async update(
    type: string,
    id: string,
    olds: PropertyMap,
    news: PropertyMap,
    preview = false,
  ): Promise<{ properties: PropertyMap }> {
    const request = new proto.UpdateRequest().setUrn(urnOf(type)).setId(id).setPreview(preview);
    const response = await this.#call<proto.UpdateRequest, proto.UpdateResponse>(
      this.client.update,
      request.setOlds(encode(olds)).setNews(encode(news)),
    );
    return { properties: decode(response.getProperties()) };
  }

  async read(
    type: string,
    id: string,
    properties: PropertyMap = {},
    inputs: PropertyMap = {},
  ): Promise<{ id: string; properties: PropertyMap; inputs: PropertyMap }> {
    const request = new proto.ReadRequest().setUrn(urnOf(type)).setId(id);
    const response = await this.#call<proto.ReadRequest, proto.ReadResponse>(
      this.client.read,
      request.setProperties(encode(properties)).setInputs(encode(inputs)),
    );
    return {
      id: response.getId(),
      properties: decode(response.getProperties()),
      inputs: decode(response.getInputs()),
    };
  }

  async delete(type: string, id: string, properties: PropertyMap): Promise<void> {
    const request = new proto.DeleteRequest().setUrn(urnOf(type)).setId(id).setProperties(encode(properties));
    await this.#call<proto.DeleteRequest, Empty>(this.client.delete, request);
  }

  async invoke(token: string, args: PropertyMap): Promise<PropertyMap> {
    const request = new proto.InvokeRequest().setTok(token).setArgs(encode(args));
    const response = await this.#call<proto.InvokeRequest, proto.InvokeResponse>(this.client.invoke, request);
    return decode(response.getReturn());
  }

  async cancel(): Promise<void> {
    await this.#call<Empty, Empty>(this.client.cancel, new Empty());
  }

  #call<Request, Response>(method: Call<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      method.call(this.client, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }
}

async function standIn(name: StandInName, folder: string): Promise<string> {
  const bundle = bundles.get(name) ?? bundleStandIn(name);
  bundles.set(name, bundle);
  writeStandIn(folder, name, await bundle);
  return join(folder, `pulumi-resource-${name}`);
}

const urnOf = (type: string): string => `urn:pulumi:test::slipway::${type}::web`;

const failuresOf = (response: proto.CheckResponse): string[] =>
  response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);

function diffOf(response: proto.DiffResponse): DiffAnswer {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const words: Record<number, [string, string]> = {
    [ADD]: ["add", ""],
    [ADD_REPLACE]: ["add", "!"],
    [UPDATE]: ["update", ""],
    [UPDATE_REPLACE]: ["update", "!"],
    [DELETE]: ["delete", ""],
    [DELETE_REPLACE]: ["delete", "!"],
  };
  const changes: string[] = [];
  response.getDetaileddiffMap().forEach((detail, path) => {
    const [word, mark] = words[detail.getKind()] ?? ["?", ""];
    changes.push(`${word} ${path}${mark}`);
  });
  return { changes: changes.sort(), deleteBeforeReplace: response.getDeletebeforereplace() };
}
