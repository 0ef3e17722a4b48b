/**
 * Tags without those of AWS itself, which nobody else can set:
 * https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
 */
export function withoutAwsTags<T>(tags: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith("aws:")));
}
