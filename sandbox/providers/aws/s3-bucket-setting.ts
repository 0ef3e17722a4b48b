import { S3Client } from "@aws-sdk/client-s3";
import { unlessGone } from "./errors.ts";
import type { InputFault } from "./input-faults.ts";
import { requiredText } from "./props.ts";
import type { AwsResource, InputRule, Outputs, Props } from "./resource.ts";

const NO_BUCKET = "NoSuchBucket";

/** One setting of a bucket, which S3 keeps whole: it is put, got and cleared. */
export interface BucketSetting {
  /** But for `bucket`, which all have. */
  inputs: Record<string, InputRule>;
  /** Codes of errors that say that the bucket is without it. @default none */
  gone?: readonly string[];
  validate?(props: Props): InputFault[];
  put(s3: S3Client, bucket: string, props: Props): Promise<unknown>;
  get(s3: S3Client, bucket: string): Promise<Outputs>;
  clear(s3: S3Client, bucket: string, props: Props): Promise<unknown>;
}

/** The resource type of a setting. Its id is the bucket's name. */
export function bucketSetting({ inputs, gone = [], validate, put, get, clear }: BucketSetting): AwsResource {
  return {
    inputs: { bucket: { required: true, forcesNew: true }, ...inputs },
    validate,
    async create(props, aws) {
      const bucket = requiredText(props, "bucket");
      await put(aws.client(S3Client), bucket, props);
      return bucket;
    },
    async read(id, _known, aws) {
      const found = await unlessGone(get(aws.client(S3Client), id), NO_BUCKET, ...gone);
      return found && { bucket: id, ...found };
    },
    async update(id, props, _old, _changed, aws) {
      await put(aws.client(S3Client), id, props);
    },
    async delete(id, props, aws) {
      await unlessGone(clear(aws.client(S3Client), id, props), NO_BUCKET, ...gone);
    },
  };
}
