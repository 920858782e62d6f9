// Finds the known name that is closest to a mistyped one: for flags, commands, settings, rules and fields.
import { distance } from 'fastest-levenshtein'

/** The nearest of `known` to `written`; undefined if none is near enough: a distance of a quarter of its length, two to five. */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  const word = written.slice(0, 100).toLowerCase()
  const bound = Math.max(2, Math.min(5, Math.floor(word.length / 4)))
  let best: string | undefined
  let bestDistance = bound + 1
  for (const name of known) {
    // The difference of the lengths is the least distance.
    if (Math.abs(name.length - word.length) >= bestDistance) continue
    const found = distance(word, name.toLowerCase())
    if (found < bestDistance) {
      best = name
      bestDistance = found
    }
  }
  return best
}
