import { createHash } from "node:crypto";
import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { clusterErrorReason, connectCluster } from "../cluster.ts";
import type { StackEnvironment } from "../environment.ts";
import { Failure, reasonOf } from "../failure.ts";
import { info } from "../output.ts";
import type { StoredRun } from "../run-folder.ts";
import { redact, redactJson } from "../secrets.ts";
import { readDeployedManifests } from "./manifests.ts";
import { createSbom } from "./sbom.ts";

/** Limits for a bucket that does not answer: the connection, and each request. */
const CONNECTION_MILLISECONDS = 5_000;
const REQUEST_MILLISECONDS = 30_000;

export interface UploadOptions {
  /** @default - the stack's own, or SLIPWAY_ARTIFACTS_BUCKET */
  bucket?: string;
  /** Print what would be uploaded. @default false */
  dryRun?: boolean;
}

/** An object to upload. */
interface Artifact {
  key: string;
  body: Buffer;
  contentType: string;
}

/**
 * Uploads the manifests, the bill of materials, the log and the summary of a deploy.
 *
 * @returns the bucket and the keys, all under `<release>/<stack>/<time>-<action>/`.
 * @throws Failure if the cluster does not answer, or S3 does not store an object as it was sent.
 */
export async function uploadArtifacts(
  environment: StackEnvironment,
  stored: StoredRun,
  options: UploadOptions,
): Promise<{ bucket: string; keys: string[] }> {
  const bucket = bucketOf(stored, options);
  const all = await collectArtifacts(environment, stored);
  const keys = all.map(({ key }) => key);
  if (options.dryRun) {
    info(`Would upload to ${bucket}:\n${keys.map((key) => `  ${key}`).join("\n")}`);
    return { bucket, keys };
  }
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({
    ...(stored.run.region && { region: stored.run.region }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: CONNECTION_MILLISECONDS, requestTimeout: REQUEST_MILLISECONDS },
  });
  try {
    for (const artifact of all) await putObject(s3, bucket, artifact);
  } finally {
    s3.destroy();
  }
  info(`Uploaded ${all.length} artifacts to s3://${bucket}/${prefixOf(stored)}`);
  return { bucket, keys };
}

function bucketOf({ run }: StoredRun, { bucket }: UploadOptions): string {
  const found = bucket ?? run.bucket ?? process.env.SLIPWAY_ARTIFACTS_BUCKET;
  if (found) return found;
  throw new Failure(
    `artifacts: ${run.stack} has no bucket. A stack on EKS has its own; for others use --bucket or SLIPWAY_ARTIFACTS_BUCKET.`,
  );
}

function prefixOf({ run }: StoredRun): string {
  const time = run.startedAt.replaceAll(/[-:]/g, "").slice(0, 15);
  return `${run.release.split(",")[0]}/${run.stack}/${time}-${run.action}/`;
}

async function collectArtifacts(environment: StackEnvironment, stored: StoredRun): Promise<Artifact[]> {
  const { run, log } = stored;
  const prefix = prefixOf(stored);
  const cluster = await connectCluster(environment);
  const manifests = await readDeployedManifests(cluster, environment.config.namespace).catch((error: unknown) => {
    throw new Failure(`the cluster does not give the manifests that Helm applied (${clusterErrorReason(error)})`);
  });
  const files = [
    ...[...manifests].map(([name, text]) => ({
      name: `manifests/${name}.yaml`,
      text,
      contentType: "application/yaml",
    })),
    { name: "sbom.cdx.json", text: createSbom(run), contentType: "application/vnd.cyclonedx+json" },
    { name: "update.log", text: log, contentType: "text/plain; charset=utf-8" },
    {
      name: "summary.json",
      text: `${JSON.stringify(redactJson(run), undefined, 2)}\n`,
      contentType: "application/json",
    },
  ];
  return files.map(({ name, text, contentType }) => ({
    key: `${prefix}${name}`,
    body: Buffer.from(redact(text)),
    contentType,
  }));
}

/**
 * S3 rejects a body that does not match its checksum, and most often returns the checksum of what it stored: no permission to read
 * is needed. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
async function putObject(s3: S3Client, bucket: string, { key, body, contentType }: Artifact): Promise<void> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const ChecksumSHA256 = createHash("sha256").update(body).digest("base64");
  const request: PutObjectCommandInput = {
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    ChecksumSHA256,
  };
  const stored = await s3.send(new PutObjectCommand(request)).catch((error: unknown) => {
    throw new Failure(`s3://${bucket}/${key} cannot be written (${reasonOf(error)})`);
  });
  if (stored.ChecksumSHA256 !== undefined && stored.ChecksumSHA256 !== ChecksumSHA256) {
    throw new Failure(
      `s3://${bucket}/${key}: S3 stored other bytes than were sent (SHA-256 ${stored.ChecksumSHA256}, sent ${ChecksumSHA256})`,
    );
  }
}
