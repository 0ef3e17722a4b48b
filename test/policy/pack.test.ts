import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import * as rpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { afterEach, describe, expect, it } from "vitest";
import { projectRoot } from "../project-root.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const BUCKET = "aws:s3/bucket:Bucket";
const SECRET = "onions-for-the-test";
/** How the engine marks a secret, and what is not known in a preview. */
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const LEVELS = ["advisory", "mandatory", "disabled"];

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill();
});

type Client = InstanceType<typeof rpc.AnalyzerClient>;

/** The pack as the engine starts it. */
class Pack {
  private readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async start(environment: Record<string, string> = {}): Promise<Pack> {
    const child = spawn(join(projectRoot, "policy/pack"), ["127.0.0.1:1"], {
      cwd: projectRoot,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const port = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
    return new Pack(new rpc.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure()));
  }

  /** What the engine sends first. */
  async configure(environment: object | string): Promise<void> {
    const request = new proto.AnalyzerStackConfigureRequest();
    const text = typeof environment === "string" ? environment : JSON.stringify(environment);
    request.getConfigMap().set("slipway:environment", text);
    request.getConfigMap().set("slipway:secret.api.DB_PASSWORD", SECRET);
    request.setConfigSecretKeysList(["slipway:secret.api.DB_PASSWORD"]);
    await new Promise<void>((resolve, reject) =>
      this.client.configureStack(request, (error) => (error ? reject(error) : resolve())),
    );
  }

  /** Lines such as `mandatory image-digest: …`. */
  async analyze(type: string, properties: object, name = "api"): Promise<string[]> {
    const request = new proto.AnalyzeRequest();
    request.setType(type);
    request.setName(name);
    request.setUrn(`urn:pulumi:prod::slipway::${type}::${name}`);
    request.setProperties(Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]));
    request.setOptions(new proto.AnalyzerResourceOptions());
    const answer = await new Promise<proto.AnalyzeResponse>((resolve, reject) =>
      this.client.analyze(request, (error, response) => (error ? reject(error) : resolve(response))),
    );
    return answer
      .getDiagnosticsList()
      .map((found) => `${LEVELS[found.getEnforcementlevel()]} ${found.getPolicyname()}: ${found.getMessage()}`);
  }

  /** Levels of the rules, as the engine asks for them. */
  async levels(): Promise<Set<string | undefined>> {
    const { Empty } = await import("google-protobuf/google/protobuf/empty_pb.js");
    const info = await new Promise<proto.AnalyzerInfo>((resolve, reject) =>
      this.client.getAnalyzerInfo(new Empty(), (error, response) => (error ? reject(error) : resolve(response))),
    );
    return new Set(info.getPoliciesList().map((policy) => LEVELS[policy.getEnforcementlevel()]));
  }
}

const byTag = { values: { image: "registry.example.com/shop:v1" } };

describe("the policy pack", () => {
  it("refuses what breaks a rule, and says what and why", async () => {
    const pack = await Pack.start();
    await pack.configure({});
    expect(await pack.levels()).toEqual(new Set(["mandatory"]));
    expect(await pack.analyze(RELEASE, byTag)).toEqual([
      expect.stringMatching(
        /^mandatory image-digest: .*a tag can move.*\n.*have the image registry\.example\.com\/shop:v1/s,
      ),
    ]);
    expect(await pack.analyze(BUCKET, {})).toEqual([expect.stringMatching(/^mandatory protected-data: /)]);
  });

  it("judges an object that the program declares by itself", async () => {
    const pack = await Pack.start();
    await pack.configure({});
    const spec = { template: { spec: { containers: [{ name: "web", image: "nginx" }] } } };
    const found = await pack.analyze("kubernetes:apps/v1:Deployment", { kind: "Deployment", metadata: {}, spec });
    expect(found.join("\n")).toMatch(/image-digest: .*pod-security: .*resources: /s);
  });

  it("reports where policies are advisory, and after an action that brings back what ran", async () => {
    const pack = await Pack.start();
    await pack.configure({ protect: "none" });
    expect(await pack.levels()).toEqual(new Set(["advisory"]));
    expect(await pack.analyze(RELEASE, byTag)).toEqual([expect.stringMatching(/^advisory image-digest/)]);
    expect(await pack.analyze(BUCKET, {})).toEqual([]);
    const rollback = await Pack.start({ SLIPWAY_ACTION: "rollback" });
    await rollback.configure({});
    expect(await rollback.analyze(RELEASE, byTag)).toEqual([expect.stringMatching(/^advisory image-digest/)]);
  });

  it("makes the exceptions of the environment, and is strict if it cannot read them", async () => {
    const pack = await Pack.start();
    const exceptions = [{ rule: "image-digest", name: "api", reason: "it is only a test" }];
    await pack.configure({ policies: { exceptions } });
    expect(await pack.analyze(RELEASE, byTag)).toEqual([]);
    expect(await pack.analyze(RELEASE, byTag, "web")).toHaveLength(1);
    const broken = await Pack.start();
    await broken.configure("{ policies");
    expect(await broken.analyze(RELEASE, byTag)).toHaveLength(1);
  });

  it("finds a secret of the stack's config in clear text, and not where it is passed on as a secret", async () => {
    const pack = await Pack.start();
    await pack.configure({});
    const base64 = Buffer.from(SECRET).toString("base64");
    expect(await pack.analyze("kubernetes:core/v1:Secret", { kind: "Secret", data: secret({ P: base64 }) })).toEqual(
      [],
    );
    const leaks = { kind: "Secret", data: { P: base64 }, metadata: { annotations: { note: `is ${SECRET}` } } };
    const found = await pack.analyze("kubernetes:core/v1:Secret", leaks);
    expect(found).toEqual([
      expect.stringMatching(/plaintext-secrets: .*data\.P holds a secret/s),
      expect.stringMatching(/metadata\.annotations\.note holds a secret/),
    ]);
    expect(found.join()).not.toContain(SECRET);
  });

  it("leaves what a preview does not know yet to the update", async () => {
    const pack = await Pack.start();
    await pack.configure({});
    expect(await pack.analyze(RELEASE, { values: { image: UNKNOWN } })).toEqual([]);
  });
});
