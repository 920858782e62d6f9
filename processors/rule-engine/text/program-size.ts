// How many states the program of a regular expression has at most, without making it: repetitions written out, sets counted by what UTF-8 makes of
// them. Running it costs no more than this for each byte, whatever the text.
const CLASS_STATES = 12
const UNICODE_CLASS_STATES = 1_000

/** Upper estimate for a pattern of RE2 (its own limit of 1,000 repetitions is taken for granted); Infinity for one nested too deeply. */
export function programSize(pattern: string): number {
  const sizes: number[] = [1]
  /** Size of the last atom, which a repetition multiplies. */
  let last = 0
  const add = (states: number): void => {
    sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + states
    last = states
  }
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at)
    if (char === '(') {
      if (sizes.length > 1_000) return Infinity
      sizes.push(1)
      last = 0
    } else if (char === ')') {
      const inner = sizes.length > 1 ? (sizes.pop() ?? 1) : 1
      add(inner)
    } else if (char === '[') {
      const end = /^\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/.exec(pattern.slice(at, at + 4_096))
      add(/\\[pP]/.test(end?.[0] ?? '') ? UNICODE_CLASS_STATES : CLASS_STATES + (end?.[0].length ?? 0))
      at += (end?.[0].length ?? 1) - 1
    } else if (char === '\\') {
      const named = /^\\[pP](?:\{[^}]*\}|.)/.exec(pattern.slice(at, at + 60))
      add(named === null ? CLASS_STATES : UNICODE_CLASS_STATES)
      at += (named?.[0].length ?? 2) - 1
    } else if (char === '{') {
      const repeat = /^\{([0-9]+)(?:,([0-9]*))?\}/.exec(pattern.slice(at, at + 20))
      if (repeat === null) add(1)
      else {
        add(last * (Math.max(Number(repeat[1]), Number(repeat[2] ?? 0)) + 1))
        at += repeat[0].length - 1
      }
    } else {
      add(char === '.' ? CLASS_STATES : 1)
      if ('*+?|'.includes(char)) last = 1
    }
    if ((sizes.at(-1) ?? 0) > 1e9) return Infinity
  }
  return sizes.reduce((sum, size) => sum + size, 0)
}
