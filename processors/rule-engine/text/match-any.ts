// Whether a text contains, begins or ends with any of many literals (byte text). The cost depends on the length of the text, not on the number of
// literals or their form, so a rule may list thousands of them.
import { compileGlob } from '../../../infra/text/glob.js'
import { LiteralAutomaton } from './literal-automaton.js'

/** Up to this many bytes of literals, separate searches are fastest. */
const MAX_PLAIN_BYTES = 64
/** Most automata of one list, each of at most 8 MB: about a million bytes of literals, five times the largest public list. */
const MAX_AUTOMATA = 16

/** A matcher of texts that contain any of these. An empty literal is in every text. */
export function compileContainsAny(literals: readonly string[]): (text: string) => boolean {
  const [only] = literals
  const isPlain = bytesOf(literals) <= MAX_PLAIN_BYTES
  if (only !== undefined && literals.length === 1 && isPlain) return (text) => text.includes(only)
  if (literals.includes('')) return () => true
  const groups = isPlain ? null : groupsOf(literals)
  if (groups === null) return (text) => literals.some((literal) => text.includes(literal))
  // Built for the first text: most lists are about fields that few events have. One automaton without a loop: hot in Sigma rules.
  const [first = [], ...others] = groups
  let automaton: LiteralAutomaton | undefined
  if (others.length === 0) return (text) => (automaton ??= new LiteralAutomaton(first)).holdsAny(text)
  let automata: readonly LiteralAutomaton[] | undefined
  return (text) => (automata ??= groups.map((group) => new LiteralAutomaton(group))).some((one) => one.holdsAny(text))
}

/** Most steps of {@link compileContainsAny} for each byte of the text. */
export function containsSteps(literals: readonly string[]): number {
  const bytes = bytesOf(literals)
  const groups = bytes <= MAX_PLAIN_BYTES ? null : groupsOf(literals)
  return groups === null ? bytes : 2 * groups.length
}

/** Most memory of {@link compileContainsAny}, bytes. */
export function containsBytes(literals: readonly string[]): number {
  const groups = bytesOf(literals) <= MAX_PLAIN_BYTES || literals.includes('') ? null : groupsOf(literals)
  return (groups ?? []).reduce((sum, group) => sum + LiteralAutomaton.bytesOf(group), 0)
}

const bytesOf = (literals: readonly string[]): number => literals.reduce((sum, { length }) => sum + length, 0)

/** The literals in groups that one automaton holds; null if they are too many. */
function groupsOf(literals: readonly string[]): readonly (readonly string[])[] | null {
  const groups: string[][] = []
  let group: string[] = []
  let bytes = 0
  let chars = new Set<string>()
  for (const literal of literals) {
    const added = new Set([...literal].filter((char) => !chars.has(char))).size
    if (group.length > 0 && !LiteralAutomaton.hasRoom(bytes + literal.length, chars.size + added)) {
      groups.push(group)
      group = []
      bytes = 0
      chars = new Set()
    }
    group.push(literal)
    bytes += literal.length
    for (const char of literal) chars.add(char)
    if (!LiteralAutomaton.hasRoom(bytes, chars.size) || groups.length >= MAX_AUTOMATA) return null
  }
  return [...groups, group]
}

/** Longest common length in which a distinguishing character is looked for. */
const MAX_DISTANCE = 64
/** With more texts than this for one character, a binary search is faster than a comparison with each. */
const MAX_COMPARED = 8

/** A matcher of texts that begin with any of these. */
export function compileStartsWithAny(texts: readonly string[]): (text: string) => boolean {
  if (texts.includes('')) return () => true
  const { distance, byChar } = choose(texts, (text, distance) => text.charCodeAt(distance))
  return (text) => {
    const some = byChar.get(text.charCodeAt(distance))
    if (some === undefined) return false
    if (some.length > MAX_COMPARED) return isAffixAmong(some, text, compareStarts)
    for (const start of some) if (text.startsWith(start)) return true
    return false
  }
}

/** A matcher of texts that end with any of these. */
export function compileEndsWithAny(texts: readonly string[]): (text: string) => boolean {
  if (texts.includes('')) return () => true
  const { distance, byChar } = choose(texts, (text, distance) => text.charCodeAt(text.length - 1 - distance), compareEnds)
  return (text) => {
    const some = byChar.get(text.charCodeAt(text.length - 1 - distance))
    if (some === undefined) return false
    if (some.length > MAX_COMPARED) return isAffixAmong(some, text, compareEnds)
    for (const end of some) if (text.endsWith(end)) return true
    return false
  }
}

/** Most steps of {@link compileStartsWithAny} and {@link compileEndsWithAny} for each byte of the text. */
export function affixSteps(texts: readonly string[]): number {
  return texts.length <= MAX_COMPARED ? texts.length : Math.max(MAX_COMPARED, Math.ceil(Math.log2(texts.length)) + 1)
}

interface Choice {
  /** Distance of the distinguishing character from the beginning, or from the end. */
  readonly distance: number
  /** Texts by that character. More than {@link MAX_COMPARED} of them are sorted, and none is an affix of another. */
  readonly byChar: ReadonlyMap<number, readonly string[]>
}

/** Order of an affix and a text; 0 if the text has the affix. */
type Compare = (affix: string, text: string) => number

/** Takes the distance at which the most texts are alone with their character. @param texts none of them empty */
function choose(texts: readonly string[], charAt: (text: string, distance: number) => number, compare: Compare = compareStarts): Choice {
  const unique = new Set(texts)
  const distances = texts.reduce((least, { length }) => Math.min(least, length), MAX_DISTANCE)
  let best: Choice = { distance: 0, byChar: new Map() }
  for (let distance = 0; distance < distances; distance++) {
    const byChar = new Map<number, string[]>()
    for (const text of unique) {
      const char = charAt(text, distance)
      const some = byChar.get(char)
      if (some === undefined) byChar.set(char, [text])
      else some.push(text)
    }
    if (byChar.size > best.byChar.size) best = { distance, byChar }
  }
  const sorted = [...best.byChar].map(([char, some]) => [char, some.length > MAX_COMPARED ? distinct(some, compare) : some] as const)
  return { distance: best.distance, byChar: new Map(sorted) }
}

/** Sorted, without the texts that have another one as their affix. */
function distinct(texts: readonly string[], compare: Compare): string[] {
  const sorted = [...texts].sort((a, b) => compare(a, b) || a.length - b.length)
  const shortest: string[] = []
  for (const text of sorted) {
    const last = shortest.at(-1)
    if (last === undefined || compare(last, text) !== 0) shortest.push(text)
  }
  return shortest
}

function isAffixAmong(sorted: readonly string[], text: string, compare: Compare): boolean {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = compare(sorted[middle] ?? '', text)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return false
}

function compareStarts(affix: string, text: string): number {
  if (text.startsWith(affix)) return 0
  return affix < text ? -1 : 1
}

function compareEnds(affix: string, text: string): number {
  const length = Math.min(affix.length, text.length)
  for (let back = 1; back <= length; back++) {
    const difference = affix.charCodeAt(affix.length - back) - text.charCodeAt(text.length - back)
    if (difference !== 0) return difference
  }
  return affix.length <= text.length ? 0 : 1
}

// The operator `pmatch`: a path equals one of several paths or is below one, compared by whole components, each of which can be a glob. `/opt/dir` matches
// `/opt/dir/file` but not `/opt/dir2`. Empty components are skipped, and a backslash escapes only next to `*`, `?` or `[`. The paths form one tree of
// components, so that a path is walked once for any number of them.

interface Branch {
  /** A path ends here: it and everything below it match. */
  isEnd: boolean
  readonly plain: Map<string, Branch>
  readonly globs: { readonly pattern: string; readonly matches: (component: string) => boolean; readonly branch: Branch }[]
}

const hasGlob = (component: string): boolean => /[*?[]/.test(component)
const emptyBranch = (): Branch => ({ isEnd: false, plain: new Map(), globs: [] })

/** A matcher of the paths (byte text). The root matches every path, and so does a path without components. */
export function compilePathPrefixes(paths: readonly string[]): (path: string) => boolean {
  const root = emptyBranch()
  for (const path of paths) addPath(root, path)
  return (path) => isBelow(root, path, 0)
}

function addPath(root: Branch, path: string): void {
  let branch = root
  for (const component of path.split('/')) if (component !== '') branch = branchOf(branch, component)
  branch.isEnd = true
}

function branchOf(parent: Branch, component: string): Branch {
  if (hasGlob(component)) {
    const known = parent.globs.find(({ pattern }) => pattern === component)
    if (known !== undefined) return known.branch
    const branch = emptyBranch()
    parent.globs.push({ pattern: component, matches: compileGlob(component), branch })
    return branch
  }
  const branch = parent.plain.get(component) ?? emptyBranch()
  parent.plain.set(component, branch)
  return branch
}

function isBelow(branch: Branch, path: string, from: number): boolean {
  if (branch.isEnd) return true
  let start = from
  while (path.charCodeAt(start) === SLASH) start++
  if (start >= path.length || (branch.plain.size === 0 && branch.globs.length === 0)) return false
  const slash = path.indexOf('/', start)
  const end = slash < 0 ? path.length : slash
  const component = path.slice(start, end)
  const next = branch.plain.get(component)
  if (next !== undefined && isBelow(next, path, end)) return true
  return branch.globs.some((glob) => glob.matches(component) && isBelow(glob.branch, path, end))
}

const SLASH = 0x2f
