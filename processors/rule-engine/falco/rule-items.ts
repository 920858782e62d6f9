// The rules, macros and lists of all files, in load order. A repeated name redefines the item in its old position; appends and overrides change it.
// A macro sees only the macros before it: `visibility` is the position from which on it sees none.
import type { Entry, ExceptionDefinition, ListDefinition, MacroDefinition, PlacedText, RuleDefinition, RuleUpdate } from './definitions.js'
import { comparisonProblem, operandProblem } from './exceptions.js'
import type { RuleItem } from './read-rule.js'
import { FollowOnError, ItemError, type LoadReport } from '../read/load-report.js'

/** A definition with its place in the load order. */
export interface Collected<T> {
  readonly definition: T
  readonly index: number
  readonly visibility: number
}

/** Most items of one list, including those of other lists in it: far above any real list. */
export const MAX_LIST_ITEMS = 100_000

/** Sources whose rules are compiled; rules of other sources are skipped with a warning. */
export const KNOWN_SOURCES: readonly string[] = ['syscall']

const OTHER_SOURCE = 'Rule has been re-defined with a different source'

/** The definitions of one load, by their names. */
export class RuleItems {
  readonly lists = new Map<string, Collected<ListDefinition>>()
  readonly macros = new Map<string, Collected<MacroDefinition>>()
  readonly rules = new Map<string, Collected<RuleDefinition>>()
  readonly #report: LoadReport
  #next = 0

  constructor(report: LoadReport) {
    this.#report = report
  }

  list(list: ListDefinition, isAppend: boolean): void {
    const earlier = this.lists.get(list.name)?.definition
    if (isAppend) this.#refuseBroken('list', list.name)
    if (isAppend && earlier === undefined)
      fail("List uses 'append' or 'override.items: append' but no list by that name already exists", list)
    const merged = isAppend && earlier !== undefined ? { ...earlier, items: [...earlier.items, ...list.items] } : list
    if (merged.items.length > MAX_LIST_ITEMS) fail(`A list can have at most ${String(MAX_LIST_ITEMS)} items`, list)
    this.#put(this.lists, list.name, merged)
  }

  macro(macro: MacroDefinition, isAppend: boolean): void {
    const earlier = this.macros.get(macro.name)?.definition
    if (isAppend) this.#refuseBroken('macro', macro.name)
    if (isAppend && earlier === undefined)
      fail("Macro uses 'append' or 'override.condition: append' but no macro by that name already exists", macro)
    const merged = isAppend && earlier !== undefined ? { ...earlier, condition: joined(earlier.condition, macro.condition) } : macro
    this.#put(this.macros, macro.name, merged)
  }

  rule(item: RuleItem): void {
    switch (item.kind) {
      case 'define':
        return this.#define(item.rule)
      case 'append':
        return this.#append(item.update)
      case 'replace':
        return this.#replace(item.update, "An 'override.<key>: replace' to a rule was requested but no rule by that name already exists")
      case 'enable':
        return this.#replace(item.update, "Rule has 'enabled' key but no rule by that name already exists")
    }
  }

  #define(rule: RuleDefinition): void {
    const earlier = this.rules.get(rule.name)?.definition
    if (earlier !== undefined && earlier.source !== rule.source) fail(OTHER_SOURCE, rule)
    const isKnown = KNOWN_SOURCES.includes(rule.source)
    if (!isKnown) this.#report.warn('LOAD_UNKNOWN_SOURCE', `Unknown source ${rule.source}, skipping`, rule.name, rule.place)
    this.#put(this.rules, rule.name, { ...rule, exceptions: rule.exceptions.map((exception) => completed(exception, isKnown)) })
  }

  #append(update: RuleUpdate): void {
    const earlier = this.#earlier(update, "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists")
    const { condition, output, desc, tags, exceptions } = update.properties
    if (Object.keys(update.properties).length === 0) fail('Appended rule must have exceptions or condition property', update)
    const isKnown = KNOWN_SOURCES.includes(earlier.source)
    this.#put(this.rules, update.name, {
      ...earlier,
      ...(condition === undefined ? {} : { condition: joined(earlier.condition, condition) }),
      ...(output === undefined ? {} : { output: joined(earlier.output, output) }),
      ...(desc === undefined ? {} : { desc: `${earlier.desc} ${desc}` }),
      ...(tags === undefined ? {} : { tags: [...new Set([...earlier.tags, ...tags])] }),
      ...(exceptions === undefined
        ? {}
        : { exceptions: exceptions.reduce((all, one) => withException(all, one, isKnown), [...earlier.exceptions]) }),
    })
  }

  #replace(update: RuleUpdate, ifMissing: string): void {
    const earlier = this.#earlier(update, ifMissing)
    const { exceptions } = update.properties
    const isKnown = KNOWN_SOURCES.includes(earlier.source)
    this.#put(this.rules, update.name, {
      ...earlier,
      ...update.properties,
      ...(exceptions === undefined ? {} : { exceptions: exceptions.map((exception) => completed(exception, isKnown)) }),
    })
  }

  #earlier(update: RuleUpdate, ifMissing: string): RuleDefinition {
    this.#refuseBroken('rule', update.name)
    const earlier = this.rules.get(update.name)?.definition ?? fail(ifMissing, update)
    if (update.source !== null && update.source !== earlier.source) fail(OTHER_SOURCE, update)
    return earlier
  }

  /** A change of a broken item fails, too; only a new definition replaces it. */
  #refuseBroken(kind: 'list' | 'macro' | 'rule', name: string): void {
    const mistake = this.#report.broken[kind].get(name)
    if (mistake !== undefined) throw new FollowOnError(mistake)
  }

  #put<T>(map: Map<string, Collected<T>>, name: string, definition: T): void {
    const position = this.#next++
    map.set(name, { definition, index: map.get(name)?.index ?? position, visibility: position })
  }
}

function fail(message: string, item: { readonly name: string; readonly place: RuleDefinition['place'] }): never {
  throw new ItemError('LOAD_ERR_VALIDATE', message, item.name, item.place)
}

/** Appended text carries its own `and` or `or`; no parentheses are added. */
function joined(earlier: PlacedText, added: PlacedText): PlacedText {
  const boundary = earlier.text.length + 1
  return {
    text: `${earlier.text} ${added.text}`,
    places: {
      start: earlier.places.start,
      at: (index) => (index < boundary ? earlier.places.at(index) : added.places.at(index - boundary)),
    },
  }
}

/** Adds values to the exception of the same name, or a new exception. */
function withException(all: readonly ExceptionDefinition[], added: ExceptionDefinition, isKnown: boolean): ExceptionDefinition[] {
  const index = all.findIndex(({ name }) => name === added.name)
  const earlier = all[index]
  if (earlier === undefined) {
    if (added.fields === null) fail('Rule exception must have fields property with a list of fields', added)
    if (added.values.length === 0) fail('Rule exception must have values property with a list of values', added)
    return [...all, completed(added, isKnown)]
  }
  if (added.fields !== null) fail('Can not append exception fields to existing exception, only values', added)
  if (added.comps !== null) fail('Can not append exception comps to existing exception, only values', added)
  return all.with(index, { ...earlier, values: [...earlier.values, ...added.values] })
}

/** Adds default operators and refuses fields and operators that do not fit together. */
function completed(exception: ExceptionDefinition, isKnown: boolean): ExceptionDefinition {
  const { fields } = exception
  if (fields === null) return fail('Rule exception item must have fields property with a list of fields', exception)
  const comps = exception.comps ?? defaultOperators(fields)
  const problem = comparisonProblem(fields, comps)
  if (problem !== null) fail(problem, exception)
  for (const field of fields.kind === 'item' ? [fields] : fields.items) {
    const unknown = field.kind !== 'item' || (isKnown && operandProblem(field.text))
    if (unknown) fail(`'${field.kind === 'item' ? field.text : '[...]'}' is not a supported filter field`, exception)
  }
  return { ...exception, comps }
}

function defaultOperators(fields: Entry): Entry {
  if (fields.kind === 'item') return { kind: 'item', text: 'in' }
  return { kind: 'list', items: fields.items.map(() => ({ kind: 'item', text: '=' })) }
}
