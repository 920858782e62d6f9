// The modifier `expand`: `%name%` in a value stands for values that the user gives. A rule with a placeholder that has none can't be judged.

const PLACEHOLDER = /\\%|%([^%\s]+)%/g

/** Values by the name of the placeholder, without its percent signs. */
export type Placeholders = Readonly<Record<string, readonly string[]>>

/** Most values that one value is expanded to, and most characters of all of them. */
const MAX_EXPANDED = 10_000
const MAX_CHARACTERS = 4 * 1024 * 1024

/**
 * Puts the values in, in every combination. `\%` is a plain percent sign.
 * @returns texts that are still to be read for wildcards, or what is missing
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

/** Names of the placeholders of a value, in their order. */
export function placeholderNames(written: string): string[] {
  return [...written.matchAll(PLACEHOLDER)].flatMap(([, name]) => name ?? [])
}

// Values of placeholders as people give them in settings and flags: `admins=root,adm_*`.

/** What is wrong with given values. */
export class PlaceholderProblem {
  readonly problem: string

  constructor(problem: string) {
    this.problem = problem
  }
}

/** Tells what is wrong from what is right. */
export function isProblem(parsed: Placeholders | PlaceholderProblem): parsed is PlaceholderProblem {
  return parsed instanceof PlaceholderProblem
}

/**
 * The values by name; a name that stands again adds to its values.
 * @param options isSplit: the texts may have been parted at every comma (settings of the environment), so that one without a name belongs to the one before
 * @returns the sentence that says what is wrong, where something is
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
