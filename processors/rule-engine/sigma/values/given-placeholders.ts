// Values of placeholders as people give them in settings and flags: `admins=root,adm_*`.
import type { Placeholders } from './placeholders.js'

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
