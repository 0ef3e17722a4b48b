import { compare, withoutIgnored } from "../protocol/compare.ts";
import type { Change, CheckArgs, DiffResult, Operation, ReadResult, ResourceHandler } from "../protocol/handler.ts";
import { mapAt, type PropertyMap, Secret, stringAt, unwrap } from "../protocol/value.ts";
import { contextFiles, dockerfileInContext } from "./context.ts";
import { archiveContext } from "./context-archive.ts";
import { credentialsFor } from "./credentials.ts";
import type { Daemon } from "./daemon.ts";
import { type DaemonOutcome, followDaemon } from "./daemon-log.ts";
import { type BuildSpec, buildSpec, canBuildInPreview, imageInputs } from "./image-inputs.ts";
import { type ImageName, parseImageName } from "./image-name.ts";

const INPUTS = "__inputs";

/** `docker:index/image:Image`: an image that the daemon builds and pushes. */
export class Image implements ResourceHandler {
  private readonly daemon: Daemon;

  constructor(daemon: Daemon) {
    this.daemon = daemon;
  }

  async check(args: CheckArgs): Promise<{ inputs: PropertyMap; failures: [] }> {
    return { inputs: await imageInputs(args.news), failures: [] };
  }

  async diff(args: { olds: PropertyMap; news: PropertyMap }, op: Operation): Promise<DiffResult> {
    const all = compare(mapAt(args.olds, INPUTS), args.news);
    // Registry passwords change by the hour; a new one needs no build.
    const changes = [...all].filter(([path]) => path !== "registry.username" && path !== "registry.password");
    return { changes: withoutIgnored(new Map<string, Change>(changes), op.ignoreChanges) };
  }

  async create(
    args: { news: PropertyMap; preview: boolean },
    op: Operation,
  ): Promise<{ id: string; properties: PropertyMap }> {
    const properties = await this.#build(args.news, args.preview, op);
    return { id: args.preview ? "" : (stringAt(args.news, "imageName") ?? ""), properties };
  }

  /** Does not ask the registry: a pushed image is the record of a release, whatever happens to its tag. */
  async read(args: { id: string; properties: PropertyMap; inputs: PropertyMap }): Promise<ReadResult> {
    return args;
  }

  async update(args: { news: PropertyMap; preview: boolean }, op: Operation): Promise<{ properties: PropertyMap }> {
    return { properties: await this.#build(args.news, args.preview, op) };
  }

  /** A pushed image is never deleted: an environment may run it, or roll back to it. */
  async delete(): Promise<void> {}

  async #build(inputs: PropertyMap, preview: boolean, op: Operation): Promise<PropertyMap> {
    if (preview && !canBuildInPreview(inputs)) return inputs;
    const imageName = stringAt(inputs, "imageName") ?? "";
    const push = !preview && unwrap(inputs.skipPush) !== true;
    const spec = buildSpec(inputs);
    const title = `image "${imageName}"`;
    const { imageId } = await this.#buildImage(imageName, spec, op).catch((error: unknown) => {
      throw new Error(`cannot build ${title}: ${messageOf(error)}`);
    });
    const repoDigest = push
      ? await this.#push(imageName, inputs, op).catch((error: unknown) => {
          throw new Error(`cannot push ${title}: ${messageOf(error)}`);
        })
      : (imageId ?? (await this.daemon.docker.getImage(imageName).inspect()).Id);
    op.log.status("");
    return {
      baseImageName: imageName,
      context: spec.context,
      dockerfile: dockerfileInContext(spec.context, spec.dockerfile) ?? spec.dockerfile,
      imageName,
      platform: spec.platform,
      registryServer: stringAt(mapAt(inputs, "registry"), "server") ?? "",
      repoDigest,
      [INPUTS]: new Secret(inputs),
    };
  }

  async #buildImage(imageName: string, spec: BuildSpec, op: Operation): Promise<DaemonOutcome> {
    op.log.status(`building from ${spec.context} (${contextFiles(spec.context, spec.dockerfile).length} files)`);
    const { stream, dockerfile } = archiveContext(spec.context, spec.dockerfile);
    const answer = await this.daemon.docker.buildImage(stream, {
      t: imageName,
      dockerfile,
      buildargs: spec.args,
      version: spec.builder,
      // The classic builder of a daemon without experimental features refuses a platform, even its own.
      ...(spec.builder === "2" ? { platform: spec.platform } : {}),
      ...(spec.target ? { target: spec.target } : {}),
      ...(spec.network ? { networkmode: spec.network } : {}),
      ...(spec.extraHosts.length > 0 ? { extrahosts: spec.extraHosts.join(",") } : {}),
      abortSignal: op.signal,
    });
    return followDaemon(answer, (line) => op.log.status(line));
  }

  async #push(imageName: string, inputs: PropertyMap, op: Operation): Promise<string> {
    const registry = mapAt(inputs, "registry");
    const name: ImageName = parseImageName(imageName);
    const authconfig = credentialsFor(
      stringAt(registry, "server") ?? name.registry,
      { username: stringAt(registry, "username"), password: stringAt(registry, "password") },
      this.daemon.registryAuth,
    );
    op.log.status("pushing to the registry");
    const stream = await this.daemon.docker.getImage(imageName).push({ authconfig, abortSignal: op.signal });
    const { digest } = await followDaemon(stream, (line) => op.log.status(line));
    if (!digest) throw new Error("the daemon reported no digest for the pushed image");
    return `${name.repository}@${digest}`;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
