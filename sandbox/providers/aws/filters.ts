import { items, text, texts } from "./props.ts";
import type { Props } from "./resource.ts";

interface Filter {
  Name: string;
  Values: string[];
}

/**
 * Filters of a look-up in EC2: of its own arguments, and those that its `filters` name; undefined when there are none, for
 * EC2 refuses an empty list.
 */
export function filtersOf(own: Record<string, string | undefined>, args: Props): Filter[] | undefined {
  const filters = [
    ...Object.entries(own).flatMap(([Name, value]) => (value ? [{ Name, Values: [value] }] : [])),
    ...items(args, "filters").map((filter) => ({
      Name: text(filter, "name") ?? "",
      Values: texts(filter, "values") ?? [],
    })),
  ];
  return filters.length > 0 ? filters : undefined;
}
