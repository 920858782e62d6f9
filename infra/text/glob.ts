// Globs like fnmatch(3) without flags: `*` and `?` match slashes, `[a-z]`, `[!a]`, `[[:alpha:]]`, backslash escapes.
// A pattern is compiled once. The matcher remembers only the last star, so the worst case is pattern length times text length, never
// exponential: an untrusted pattern can't stall a partition.

type Step = { readonly kind: 'char'; readonly char: string } | { readonly kind: 'any' } | { readonly kind: 'star' } | CharSet
interface CharSet {
  readonly kind: 'set'
  readonly isNegated: boolean
  readonly holds: (char: string) => boolean
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[a-zA-Z]/,
  digit: /[0-9]/,
  alnum: /[a-zA-Z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\v\f\r]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  // eslint-disable-next-line no-control-regex
  cntrl: /[\x00-\x1f\x7f]/,
  xdigit: /[0-9a-fA-F]/,
}

/** Converts only ASCII letters to lower case, like the C locale. */
export function lowerAscii(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text
}
export function upperAscii(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text
}

/** A matcher for byte text. `ignoreCase` folds ASCII letters. */
export function compileGlob(pattern: string, ignoreCase = false): (text: string) => boolean {
  const steps = parseGlob(ignoreCase ? lowerAscii(pattern) : pattern)
  return ignoreCase ? (text) => run(steps, lowerAscii(text)) : (text) => run(steps, text)
}

/** The literal texts of a pattern, in their order: each is in every text that matches. */
export function globLiterals(pattern: string): string[] {
  const literals: string[] = []
  let literal = ''
  for (const step of [...parseGlob(pattern), null]) {
    if (step?.kind === 'char') literal += step.char
    else if (literal !== '') {
      literals.push(literal)
      literal = ''
    }
  }
  return literals
}

/** Matches once; compile a pattern that is used again. */
export function matchesGlob(pattern: string, text: string): boolean {
  return run(parseGlob(pattern), text)
}

function run(steps: readonly Step[], text: string): boolean {
  let at = 0
  let step = 0
  let starStep = -1
  let starAt = 0
  while (at < text.length) {
    const current = steps[step]
    if (current !== undefined && current.kind === 'star') {
      starStep = step++
      starAt = at
    } else if (current !== undefined && accepts(current, text.charAt(at))) {
      step++
      at++
    } else if (starStep >= 0) {
      step = starStep + 1
      at = ++starAt
    } else {
      return false
    }
  }
  while (steps[step]?.kind === 'star') step++
  return step === steps.length
}

function accepts(step: Step, char: string): boolean {
  switch (step.kind) {
    case 'char':
      return step.char === char
    case 'any':
      return true
    case 'set':
      return step.holds(char) !== step.isNegated
    case 'star':
      return false
  }
}

function parseGlob(pattern: string): Step[] {
  const steps: Step[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    if (char === '*') {
      if (steps.at(-1)?.kind !== 'star') steps.push({ kind: 'star' })
    } else if (char === '?') {
      steps.push({ kind: 'any' })
    } else if (char === '\\' && i + 1 < pattern.length) {
      steps.push({ kind: 'char', char: pattern.charAt(++i) })
    } else {
      const set = char === '[' ? parseSet(pattern, i) : null
      steps.push(set === null ? { kind: 'char', char } : set.step)
      if (set !== null) i = set.end
    }
  }
  return steps
}

/** The set that begins at `start`; null if it has no end, so that the bracket is literal. */
function parseSet(pattern: string, start: number): { step: CharSet; end: number } | null {
  let i = start + 1
  const isNegated = pattern.charAt(i) === '!' || pattern.charAt(i) === '^'
  if (isNegated) i++
  const singles = new Set<string>()
  const ranges: [string, string][] = []
  const classes: RegExp[] = []
  for (let isFirst = true; i < pattern.length; isFirst = false, i++) {
    let char = pattern.charAt(i)
    if (char === ']' && !isFirst) {
      const holds = (text: string): boolean =>
        singles.has(text) || ranges.some(([from, to]) => from <= text && text <= to) || classes.some((names) => names.test(text))
      return { step: { kind: 'set', isNegated, holds }, end: i }
    }
    const named = char === '[' ? /^\[:([a-z]+):\]/.exec(pattern.slice(i, i + 16)) : null
    const known = named?.[1] === undefined ? undefined : CLASSES[named[1]]
    if (named !== null && known !== undefined) {
      classes.push(known)
      i += named[0].length - 1
      continue
    }
    if (char === '\\' && i + 1 < pattern.length) char = pattern.charAt(++i)
    if (pattern.charAt(i + 1) === '-' && pattern.charAt(i + 2) !== ']' && i + 2 < pattern.length) {
      let to = pattern.charAt(i + 2)
      i += 2
      if (to === '\\' && i + 1 < pattern.length) to = pattern.charAt(++i)
      ranges.push([char, to])
    } else {
      singles.add(char)
    }
  }
  return null
}

/** A path without repeated slashes: the form in which rules compare the path argument of a call. */
export function singleSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
}
