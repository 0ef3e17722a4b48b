import type { LifecyclePolicy, LifecycleRule } from "../../../../components/aws/registry/lifecycle-policy.ts";

export interface Image {
  digest: string;
  tags: string[];
  /** Days since the push. */
  age: number;
}

/**
 * Digests of the images that ECR would delete, by its evaluation rules:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 *
 * - Every rule selects among all images, including those that another rule expires.
 * - A rule cannot expire an image that a rule of higher priority selects by its tags.
 */
export function expired({ rules }: LifecyclePolicy, images: readonly Image[]): Set<string> {
  const deleted = new Set<string>();
  const selectedBefore = new Set<string>();
  for (const rule of [...rules].sort((one, other) => one.rulePriority - other.rulePriority)) {
    const selected = images.filter((image) => selects(rule, image));
    for (const image of overdue(rule, selected)) if (!selectedBefore.has(image.digest)) deleted.add(image.digest);
    for (const image of selected) selectedBefore.add(image.digest);
  }
  return deleted;
}

/** Every pattern of a rule must match one of the image's tags. */
export function selects({ selection }: LifecycleRule, { tags }: Image): boolean {
  if (selection.tagStatus === "untagged") return tags.length === 0;
  return selection.tagPatternList.every((pattern) => tags.some((tag) => matches(pattern, tag)));
}

function overdue({ selection }: LifecycleRule, selected: Image[]): Image[] {
  if (selection.countType === "sinceImagePushed") return selected.filter(({ age }) => age > selection.countNumber);
  return [...selected].sort((one, other) => one.age - other.age).slice(selection.countNumber);
}

function matches(pattern: string, tag: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(tag);
}
