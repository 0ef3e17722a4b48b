import { closest, distance } from "fastest-levenshtein";

/** The known word that somebody probably meant. @returns undefined if none is close */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const found = closest(word, [...known]);
  return distance(word, found) <= Math.min(3, word.length / 2) ? found : undefined;
}
