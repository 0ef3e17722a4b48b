import { createHash } from "node:crypto";
import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { connectCluster } from "../cluster.ts";
import { readEnvironment } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { deployedManifests } from "../artifacts/manifests.ts";
import { type CommonOptions, printResult, info } from "../output.ts";
import { readRun, type StoredRun } from "../run-folder.ts";
import { createSbom } from "../artifacts/sbom.ts";
import { redact } from "../secrets.ts";
import { readStackFile } from "../stack-file.ts";

/** A bucket that does not answer is given up in good time: connection, and each request. */
const CONNECTION_MILLISECONDS = 5_000;
const REQUEST_MILLISECONDS = 30_000;

export interface ArtifactsOptions extends CommonOptions {
  stack: string;
  /** Folder that a deploy wrote. @default - the stack's newest */
  run?: string;
  /** @default - the stack's own, or SLIPWAY_ARTIFACTS_BUCKET */
  bucket?: string;
}

/** A file that is uploaded. */
interface Artifact {
  key: string;
  body: Buffer;
  contentType: string;
}

/** Uploads what a release was deployed as: manifests, bill of materials, the update's log and summary. */
export async function artifacts(options: ArtifactsOptions, root: string): Promise<void> {
  const stored = readRun(root, options.stack, options.run);
  const keys = await uploadArtifacts(root, stored, options);
  printResult(options, { bucket: bucketOf(stored, options), keys }, keys.join("\n"));
}

/**
 * @returns the keys, all under `<release>/<stack>/<when>/`.
 * @throws Failure if the cluster cannot be asked, or S3 does not take an object as it was sent.
 */
export async function uploadArtifacts(root: string, stored: StoredRun, options: ArtifactsOptions): Promise<string[]> {
  const bucket = bucketOf(stored, options);
  const all = await collect(root, stored);
  if (options.dryRun) {
    info(`Would upload to ${bucket}:\n${all.map(({ key }) => `  ${key}`).join("\n")}`);
    return all.map(({ key }) => key);
  }
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({
    ...(stored.run.region && { region: stored.run.region }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECTION_MILLISECONDS, requestTimeout: REQUEST_MILLISECONDS },
  });
  try {
    for (const artifact of all) await put(s3, bucket, artifact);
  } finally {
    s3.destroy();
  }
  info(`Uploaded ${all.length} artifacts to s3://${bucket}/${prefixOf(stored)}`);
  return all.map(({ key }) => key);
}

function bucketOf({ run }: StoredRun, { bucket }: ArtifactsOptions): string {
  const found = bucket ?? run.bucket ?? process.env.SLIPWAY_ARTIFACTS_BUCKET;
  if (found) return found;
  throw new Failure(
    `artifacts: ${run.stack} has no bucket. A stack on EKS has one of its own; else name one by --bucket or SLIPWAY_ARTIFACTS_BUCKET.`,
  );
}

function prefixOf({ run }: StoredRun): string {
  const when = run.startedAt.replaceAll(/[-:]/g, "").slice(0, 15);
  return `${run.release.split(",")[0]}/${run.stack}/${when}-${run.action}/`;
}

async function collect(root: string, stored: StoredRun): Promise<Artifact[]> {
  const { run, log } = stored;
  const prefix = prefixOf(stored);
  const environment = readEnvironment(root, run.stack, readStackFile(root, run.stack));
  const manifests = await deployedManifests(await connectCluster(environment), environment.config.namespace).catch(
    (error: unknown) => {
      throw error instanceof Failure
        ? error
        : new Failure(`the cluster cannot be asked for what Helm rendered (${reasonOf(error)})`);
    },
  );
  const rendered = [...manifests].map(([name, manifest]) => ({
    name: `manifests/${name}.yaml`,
    text: manifest,
    contentType: "application/yaml",
  }));
  const files = [
    ...rendered,
    { name: "sbom.cdx.json", text: createSbom(run), contentType: "application/vnd.cyclonedx+json" },
    { name: "update.log", text: log, contentType: "text/plain; charset=utf-8" },
    { name: "summary.json", text: `${JSON.stringify(run, undefined, 2)}\n`, contentType: "application/json" },
  ];
  return files.map(({ name, text, contentType }) => ({
    key: `${prefix}${name}`,
    body: Buffer.from(redact(text)),
    contentType,
  }));
}

/**
 * S3 refuses bytes that do not have the checksum they were sent with, and most often says what it holds: no right to read is needed.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
async function put(s3: S3Client, bucket: string, { key, body, contentType }: Artifact): Promise<void> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const ChecksumSHA256 = createHash("sha256").update(body).digest("base64");
  const request: PutObjectCommandInput = {
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    ChecksumSHA256,
  };
  const held = await s3.send(new PutObjectCommand(request)).catch((error: unknown) => {
    throw new Failure(`s3://${bucket}/${key} cannot be written (${reasonOf(error)})`);
  });
  if (held.ChecksumSHA256 !== undefined && held.ChecksumSHA256 !== ChecksumSHA256) {
    throw new Failure(
      `s3://${bucket}/${key}: S3 holds other bytes than were sent (SHA-256 ${held.ChecksumSHA256}, sent ${ChecksumSHA256})`,
    );
  }
}
