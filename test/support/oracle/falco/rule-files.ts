// Rules of Falco files with lists, macros and exceptions expanded. Follows Falco's documentation and shares nothing with the engine.
import type { Condition } from './condition.js'
import { Exceptions } from './exceptions.js'
import { Lists } from './lists.js'
import { Macros } from './macros.js'
import { type RuleItem, changeOf, isChange, itemsOf, textOf, textsOf } from './rule-items.js'

/** A rule as the oracle evaluates it. */
export interface OracleRule {
  readonly name: string
  readonly condition: Condition
}

interface RuleText {
  condition: string
  readonly exceptions: Exceptions
}

/** All rules of the files, loaded in this order, including those that are off by default. */
export function falcoRules(texts: readonly string[]): OracleRule[] {
  const lists = new Lists()
  const macros = new Macros()
  const rules = new Map<string, RuleText>()
  for (const item of texts.flatMap(itemsOf)) {
    const [list, macro, rule] = [textOf(item, 'list'), textOf(item, 'macro'), textOf(item, 'rule')]
    if (list !== undefined) readList(lists, list, item)
    else if (macro !== undefined) readMacro(macros, macro, item)
    else if (rule !== undefined) readRule(rules, rule, item)
  }
  return [...rules].map(([name, { condition, exceptions }]) => ({ name, condition: macros.expand(exceptions.applyTo(condition), lists) }))
}

function readList(lists: Lists, name: string, item: RuleItem): void {
  const items = textsOf(item['items'])
  if (changeOf(item, 'items') === 'append') lists.append(name, items)
  else lists.define(name, items)
}

function readMacro(macros: Macros, name: string, item: RuleItem): void {
  const condition = textOf(item, 'condition') ?? ''
  if (changeOf(item, 'condition') === 'append') macros.append(name, condition)
  else macros.define(name, condition)
}

function readRule(rules: Map<string, RuleText>, name: string, item: RuleItem): void {
  const known = rules.get(name)
  const condition = textOf(item, 'condition')
  if (known === undefined || !(isChange(item) || condition === undefined)) {
    const exceptions = new Exceptions()
    exceptions.append(item['exceptions'])
    rules.set(name, { condition: condition ?? '', exceptions })
    return
  }
  const how = changeOf(item, 'condition')
  if (how === 'append') known.condition += ` ${condition ?? ''}`
  if (how === 'replace') known.condition = condition ?? ''
  const howExceptions = changeOf(item, 'exceptions')
  if (howExceptions === 'append') known.exceptions.append(item['exceptions'])
  if (howExceptions === 'replace') known.exceptions.replace(item['exceptions'])
}
