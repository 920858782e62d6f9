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
