// Whether a text begins or ends with any of several: one character of it, the one that tells the texts apart best, leaves one or none to compare.

/** As long a text is told apart by one character; what is longer is in the first of them anyhow. */
const MAX_DISTANCE = 64

/** A matcher of texts that begin with any of these. */
export function compileStartsWithAny(texts: readonly string[]): (text: string) => boolean {
  if (texts.includes('')) return () => true
  const { distance, byChar } = choose(texts, (text, distance) => text.charCodeAt(distance))
  return (text) => {
    const some = byChar.get(text.charCodeAt(distance))
    if (some === undefined) return false
    for (const start of some) if (text.startsWith(start)) return true
    return false
  }
}

/** A matcher of texts that end with any of these. */
export function compileEndsWithAny(texts: readonly string[]): (text: string) => boolean {
  if (texts.includes('')) return () => true
  const { distance, byChar } = choose(texts, (text, distance) => text.charCodeAt(text.length - 1 - distance))
  return (text) => {
    const some = byChar.get(text.charCodeAt(text.length - 1 - distance))
    if (some === undefined) return false
    for (const end of some) if (text.endsWith(end)) return true
    return false
  }
}

interface Choice {
  /** Characters before the one that is looked at, or behind it. */
  readonly distance: number
  readonly byChar: ReadonlyMap<number, readonly string[]>
}

/** Takes the distance at which the most texts are alone with their character. @param texts none of them empty */
function choose(texts: readonly string[], charAt: (text: string, distance: number) => number): Choice {
  const distances = texts.reduce((least, { length }) => Math.min(least, length), MAX_DISTANCE)
  let best: Choice = { distance: 0, byChar: new Map() }
  for (let distance = 0; distance < distances; distance++) {
    const byChar = new Map<number, string[]>()
    for (const text of new Set(texts)) {
      const char = charAt(text, distance)
      const some = byChar.get(char)
      if (some === undefined) byChar.set(char, [text])
      else some.push(text)
    }
    if (byChar.size > best.byChar.size) best = { distance, byChar }
  }
  return best
}
