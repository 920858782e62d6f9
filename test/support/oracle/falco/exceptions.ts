// Exceptions of a rule, as text after its condition: `(condition) and not (…)`.
import { quoted } from './lists.js'
import { type RuleItem, itemsIn, textOf, textsOf } from './rule-items.js'

interface Exception {
  readonly name: string
  readonly fields: string | readonly string[]
  readonly comps: string | readonly string[]
  readonly values: unknown[]
}

export class Exceptions {
  #exceptions: Exception[] = []

  replace(items: unknown): void {
    this.#exceptions = []
    this.append(items)
  }

  /** Adds exceptions, or values to those of the same name. */
  append(items: unknown): void {
    for (const item of itemsIn(items)) {
      const name = textOf(item, 'name') ?? ''
      const values = Array.isArray(item['values']) ? (item['values'] as unknown[]) : []
      const known = this.#exceptions.find((exception) => exception.name === name)
      if (known === undefined) this.#exceptions.push({ name, ...sidesOf(item), values: [...values] })
      else known.values.push(...values)
    }
  }

  applyTo(condition: string): string {
    return this.#exceptions
      .filter(({ values }) => values.length > 0)
      .reduce((text, exception) => `(${text}) and not ${exceptionText(exception)}`, condition)
  }
}

function sidesOf(item: RuleItem): Pick<Exception, 'fields' | 'comps'> {
  const fields = item['fields']
  const comps = item['comps']
  if (typeof fields === 'string') return { fields, comps: typeof comps === 'string' ? comps : 'in' }
  const names = textsOf(fields)
  return { fields: names, comps: Array.isArray(comps) ? textsOf(comps) : names.map(() => '=') }
}

function exceptionText({ fields, comps, values }: Exception): string {
  if (typeof fields === 'string') return `(${fields} ${String(comps)} (${textsOf(values).map(quoted).join(', ')}))`
  const tuples = values.map((tuple) => {
    const members = Array.isArray(tuple) ? (tuple as unknown[]) : []
    return `(${fields.map((field, at) => `${field} ${comps[at] ?? ''} ${rightText(comps[at] ?? '', members[at])}`).join(' and ')})`
  })
  return `(${tuples.join(' or ')})`
}

function rightText(comp: string, member: unknown): string {
  if (Array.isArray(member)) return `(${textsOf(member).map(quoted).join(', ')})`
  const text = typeof member === 'string' ? quoted(member) : ''
  const takesList = ['in', 'intersects', 'pmatch'].includes(comp) || /(?:oneof|anyof|allof)$/.test(comp)
  return takesList && !text.startsWith('(') ? `(${text})` : text
}
