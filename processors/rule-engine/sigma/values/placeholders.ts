// The modifier `expand` replaces `%name%` in a value with values from the user. A rule with a placeholder without values can't be evaluated.

const PLACEHOLDER = /\\%|%([^%\s]+)%/g

/** Values by placeholder name, without percent signs. */
export type Placeholders = Readonly<Record<string, readonly string[]>>

/** Most expanded values of one value, and their most characters. */
const MAX_EXPANDED = 10_000
const MAX_CHARACTERS = 4 * 1024 * 1024

/**
 * Expands the placeholders, in every combination. `\%` is a plain percent sign.
 * @returns texts in which wildcards are still to be read, or the missing placeholder
 */
export function expandPlaceholders(written: string, values: Placeholders): string[] | { readonly missing: string } | null {
  let forms = ['']
  let at = 0
  for (const match of written.matchAll(PLACEHOLDER)) {
    const [whole, name] = match
    const before = written.slice(at, match.index)
    const choices = name === undefined ? ['%'] : Object.hasOwn(values, name) ? (values[name] ?? []) : null
    if (choices === null) return { missing: whole }
    const longest = choices.reduce((most, choice) => Math.max(most, choice.length), (forms[0] ?? '').length + written.length)
    const count = forms.length * choices.length
    if (count > MAX_EXPANDED || count * longest > MAX_CHARACTERS) return null
    forms = forms.flatMap((form) => choices.map((choice) => form + before + choice))
    at = match.index + whole.length
  }
  return forms.map((form) => form + written.slice(at))
}

/** Names of the placeholders in a value, in order. */
export function placeholderNames(written: string): string[] {
  return [...written.matchAll(PLACEHOLDER)].flatMap(([, name]) => name ?? [])
}

/** A mistake in the placeholder values of settings and flags. */
export class PlaceholderProblem {
  readonly problem: string

  constructor(problem: string) {
    this.problem = problem
  }
}

/** Whether the values are a mistake. */
export function isProblem(parsed: Placeholders | PlaceholderProblem): parsed is PlaceholderProblem {
  return parsed instanceof PlaceholderProblem
}

/**
 * Parses placeholder values (`admins=root,adm_*`). A repeated name adds values.
 * @param options isSplit: the texts may be split at every comma (environment variables), so that a text without a name belongs to the one before it
 * @returns the values by name, or what is wrong
 */
export function parsePlaceholders(
  texts: readonly string[],
  options: { readonly isSplit?: boolean } = {},
): Placeholders | PlaceholderProblem {
  const values = new Map<string, string[]>()
  for (const text of texts) {
    const at = text.indexOf('=')
    const last = [...values.values()].at(-1)
    if (options.isSplit === true && at < 0 && last !== undefined && text !== '') {
      last.push(text)
      continue
    }
    const name = text.slice(0, Math.max(at, 0)).replace(/^%(.*)%$/, '$1')
    const list = text.slice(at + 1).split(',')
    if (at < 1 || name === '' || /[%\s]/.test(name)) return new PlaceholderProblem(`'${text}' is no NAME=VALUE,VALUE...`)
    if (list.includes('')) return new PlaceholderProblem(`'${text}' has an empty value`)
    values.set(name, [...(values.get(name) ?? []), ...list])
  }
  return Object.fromEntries(values)
}
