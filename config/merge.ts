import { deepmergeCustom } from "deepmerge-ts";

/** Maps merge; lists and scalars of the later source replace those of the earlier one. */
export const merge = deepmergeCustom({ mergeArrays: false });
