import {
  DeleteBucketLifecycleCommand,
  ExpirationStatus,
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  type LifecycleRuleFilter,
  PutBucketLifecycleConfigurationCommand,
  type TransitionDefaultMinimumObjectSize,
  TransitionStorageClass,
} from "@aws-sdk/client-s3";
import { notAmong } from "./input-faults.ts";
import { flag, items, number, object, requiredText, text, textMap } from "./props.ts";
import type { InputRule, Outputs, Props } from "./resource.ts";
import { bucketSetting } from "./s3-bucket-setting.ts";
import { tagList, tagMap } from "./tag-changes.ts";
import { timestamp } from "./timestamp.ts";

const sizes: Record<string, InputRule> = { objectSizeGreaterThan: {}, objectSizeLessThan: {} };
const noncurrent: Record<string, InputRule> = { newerNoncurrentVersions: {}, noncurrentDays: { required: true } };

/** `aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration`. */
export const lifecycleConfiguration = bucketSetting({
  inputs: {
    rules: {
      required: true,
      fields: {
        abortIncompleteMultipartUpload: { fields: { daysAfterInitiation: {} } },
        expiration: { fields: { date: {}, days: {}, expiredObjectDeleteMarker: {} } },
        filter: {
          computed: true,
          fields: {
            ...sizes,
            and: { fields: { ...sizes, prefix: {}, tags: {} } },
            prefix: {},
            tag: { fields: { key: { required: true }, value: { required: true } } },
          },
        },
        id: { required: true },
        noncurrentVersionExpiration: { fields: noncurrent },
        noncurrentVersionTransitions: { set: true, fields: { ...noncurrent, storageClass: { required: true } } },
        status: { required: true },
        transitions: { set: true, fields: { date: {}, days: {}, storageClass: { required: true } } },
      },
    },
    transitionDefaultMinimumObjectSize: { computed: true },
  },
  gone: ["NoSuchLifecycleConfiguration"],
  validate: (props) =>
    items(props, "rules").flatMap((rule, index) => [
      ...notAmong(`rules[${index}].status`, rule.status, Object.values(ExpirationStatus)),
      ...["transitions", "noncurrentVersionTransitions"].flatMap((kind) =>
        items(rule, kind).flatMap(({ storageClass }, place) =>
          notAmong(
            `rules[${index}].${kind}[${place}].storageClass`,
            storageClass,
            Object.values(TransitionStorageClass),
          ),
        ),
      ),
    ]),
  async put(s3, Bucket, props) {
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: items(props, "rules").map(toRule) },
        TransitionDefaultMinimumObjectSize: text(props, "transitionDefaultMinimumObjectSize") as
          | TransitionDefaultMinimumObjectSize
          | undefined,
      }),
    );
  },
  async get(s3, Bucket) {
    const found = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    return {
      rules: (found.Rules ?? []).map(fromRule),
      transitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize,
    };
  },
  clear: (s3, Bucket) => s3.send(new DeleteBucketLifecycleCommand({ Bucket })),
});

function toRule(rule: Props): LifecycleRule {
  const abort = object(rule, "abortIncompleteMultipartUpload");
  const expiration = object(rule, "expiration");
  const noncurrentExpiration = object(rule, "noncurrentVersionExpiration");
  const transitions = items(rule, "transitions").map((item) => ({
    Date: dateIn(item),
    Days: number(item, "days"),
    StorageClass: requiredText(item, "storageClass") as TransitionStorageClass,
  }));
  const noncurrentTransitions = items(rule, "noncurrentVersionTransitions").map((item) => ({
    NewerNoncurrentVersions: number(item, "newerNoncurrentVersions"),
    NoncurrentDays: number(item, "noncurrentDays"),
    StorageClass: requiredText(item, "storageClass") as TransitionStorageClass,
  }));
  return {
    ID: requiredText(rule, "id"),
    Status: requiredText(rule, "status") as ExpirationStatus,
    Filter: toFilter(object(rule, "filter") ?? {}),
    AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: number(abort, "daysAfterInitiation") },
    Expiration: expiration && {
      Date: dateIn(expiration),
      Days: number(expiration, "days"),
      ExpiredObjectDeleteMarker: flag(expiration, "expiredObjectDeleteMarker"),
    },
    NoncurrentVersionExpiration: noncurrentExpiration && {
      NewerNoncurrentVersions: number(noncurrentExpiration, "newerNoncurrentVersions"),
      NoncurrentDays: number(noncurrentExpiration, "noncurrentDays"),
    },
    Transitions: transitions.length > 0 ? transitions : undefined,
    NoncurrentVersionTransitions: noncurrentTransitions.length > 0 ? noncurrentTransitions : undefined,
  };
}

function toFilter(filter: Props): LifecycleRuleFilter {
  const and = object(filter, "and");
  const tag = object(filter, "tag");
  return {
    ObjectSizeGreaterThan: number(filter, "objectSizeGreaterThan"),
    ObjectSizeLessThan: number(filter, "objectSizeLessThan"),
    Prefix: typeof filter.prefix === "string" ? filter.prefix : undefined,
    Tag: tag && { Key: requiredText(tag, "key"), Value: text(tag, "value") ?? "" },
    And: and && {
      ObjectSizeGreaterThan: number(and, "objectSizeGreaterThan"),
      ObjectSizeLessThan: number(and, "objectSizeLessThan"),
      Prefix: text(and, "prefix"),
      Tags: tagList(textMap(and, "tags")),
    },
  };
}

function fromRule(rule: LifecycleRule): Outputs {
  const { AbortIncompleteMultipartUpload: abort, Expiration, NoncurrentVersionExpiration: noncurrentExpiration } = rule;
  return {
    abortIncompleteMultipartUpload: abort && { daysAfterInitiation: abort.DaysAfterInitiation },
    expiration: Expiration && {
      date: timestamp(Expiration.Date),
      days: Expiration.Days,
      expiredObjectDeleteMarker: Expiration.ExpiredObjectDeleteMarker,
    },
    filter: rule.Filter && fromFilter(rule.Filter),
    id: rule.ID,
    noncurrentVersionExpiration: noncurrentExpiration && {
      newerNoncurrentVersions: noncurrentExpiration.NewerNoncurrentVersions,
      noncurrentDays: noncurrentExpiration.NoncurrentDays,
    },
    noncurrentVersionTransitions: rule.NoncurrentVersionTransitions?.map((transition) => ({
      newerNoncurrentVersions: transition.NewerNoncurrentVersions,
      noncurrentDays: transition.NoncurrentDays,
      storageClass: transition.StorageClass,
    })),
    status: rule.Status,
    transitions: rule.Transitions?.map((transition) => ({
      date: timestamp(transition.Date),
      days: transition.Days,
      storageClass: transition.StorageClass,
    })),
  };
}

function fromFilter({ And, Tag, ...filter }: LifecycleRuleFilter): Outputs {
  return {
    and: And && {
      objectSizeGreaterThan: And.ObjectSizeGreaterThan,
      objectSizeLessThan: And.ObjectSizeLessThan,
      prefix: And.Prefix,
      tags: And.Tags && tagMap(And.Tags),
    },
    objectSizeGreaterThan: filter.ObjectSizeGreaterThan,
    objectSizeLessThan: filter.ObjectSizeLessThan,
    prefix: filter.Prefix,
    tag: Tag && { key: Tag.Key, value: Tag.Value },
  };
}

function dateIn(props: Props): Date | undefined {
  const date = text(props, "date");
  return date === undefined ? undefined : new Date(date);
}
