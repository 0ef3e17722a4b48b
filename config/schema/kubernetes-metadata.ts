import { z } from "zod";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const NAME = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const SUBDOMAIN = "[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*";

/** Key of a label or an annotation. */
export const qualifiedName = z
  .string()
  .regex(
    new RegExp(`^(${SUBDOMAIN}/)?${NAME}$`),
    "1 to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit; a domain and / may stand before it, " +
      "such as example.com/team",
  );

export const labelValue = z
  .string()
  .regex(
    new RegExp(`^(${NAME})?$`),
    "up to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
  );

/** Labels, by key. */
export const labels = z.record(qualifiedName, labelValue);

/** Annotations, by key. */
export const annotations = z.record(qualifiedName, z.string());
