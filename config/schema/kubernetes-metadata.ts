import { z } from "zod";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const NAME = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const SUBDOMAIN = "[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*";

/** Key of a label, an annotation or a taint. */
export const qualifiedName = z
  .string()
  .regex(
    new RegExp(`^(${SUBDOMAIN}/)?${NAME}$`),
    "1 to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit; a domain and / may stand before it, " +
      "such as example.com/team",
  )
  .regex(/^(?![^/]{254,}\/)/, "a key whose domain has 253 characters at most");

export const labelValue = z
  .string()
  .regex(
    new RegExp(`^(${NAME})?$`),
    "up to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
  );

/** A service of another namespace, by its label app.kubernetes.io/name. */
export const serviceLabel = labelValue.min(1);

/** Labels, by key. */
export const labels = z.record(qualifiedName, labelValue);

/** Bytes of all annotations of an object: https://github.com/kubernetes/apimachinery/blob/v0.36.1/pkg/api/validation/objectmeta.go */
const ANNOTATION_BYTES = 256 * 1024;

/** Annotations, by key. */
export const annotations = z.record(qualifiedName, z.string()).superRefine((given, context) => {
  const bytes = Object.entries(given).reduce((sum, entry) => sum + Buffer.byteLength(entry.join("")), 0);
  if (bytes <= ANNOTATION_BYTES) return;
  const message = `${bytes} bytes together with their keys; Kubernetes takes ${ANNOTATION_BYTES}. Keep what is large elsewhere`;
  context.addIssue({ code: "custom", message });
});
