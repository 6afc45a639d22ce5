/**
 * The known word that was probably meant, or null where none is close: one letter wrong in a short word, two in a longer one, a third
 * of a long one; exchanged letters count once. Case and separators count nothing: `maxRetries` is `max_retries`.
 */
export function nearest(written: string, known: readonly string[]): string | null {
  if (written.length > 64) return null;
  const letters = lettersOf(written);
  const allowed = letters.length <= 4 ? 1 : Math.max(2, Math.floor(letters.length / 3));
  let best: string | null = null;
  let bestDistance = allowed + 1;
  for (const word of known) {
    const distance = editDistance(letters, lettersOf(word));
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

const lettersOf = (word: string): string => word.toLowerCase().replaceAll(/[\s_.-]/g, "");

/** Damerau and Levenshtein's distance (optimal string alignment), row by row. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      let least = Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        least = Math.min(least, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
