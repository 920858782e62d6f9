// Compiles the documents of Falco rule files. They form one set, in load order: later documents change the definitions of earlier ones.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { LoadError } from '../read/diagnostics.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import type { LoadReport } from '../read/load-report.js'
import type { YamlNode } from '../read/yaml-file.js'
import { RuleItems, KNOWN_SOURCES, MAX_LIST_ITEMS, type Collected } from './rule-items.js'
import { compileRule, NOWHERE, parsePlacedCondition, reportMacroProblem, type CompileContext } from './compile-rule.js'
import type { ListDefinition, MacroDefinition, RuleDefinition } from './definitions.js'
import { SourceMap } from './condition-source.js'
import { expandLists, inOrder, type ExpandedList } from './expand-lists.js'
import { MacroExpander, LoadBudget, type ParsedMacro } from './expand-macros.js'
import { isAtLeast } from '../rule-set/priority.js'
import { readRuleDocument } from './read-document.js'
/** The definitions of the files, for commands that show them. */
export interface FalcoDefinitions {
  /** Rule definitions after append and override, in load order. */
  readonly definitions: readonly RuleDefinition[]
  readonly macros: readonly MacroDefinition[]
  readonly lists: readonly ExpandedList[]
}

/** Collects all documents first, since later ones change the definitions of earlier ones. */
export class FalcoLoader {
  readonly #report: LoadReport
  readonly #options: LoadOptions
  readonly #items: RuleItems
  /** Files that require a newer engine: their later documents are skipped, too. */
  readonly #unfitFiles = new Map<string, LoadError>()

  constructor(report: LoadReport, options: LoadOptions) {
    this.#report = report
    this.#options = options
    this.#items = new RuleItems(report)
  }

  read(document: YamlNode): void {
    const { file } = document.place
    const unfit = readRuleDocument(document, this.#items, this.#report, this.#unfitFiles.get(file))
    if (unfit !== null) this.#unfitFiles.set(file, unfit)
  }

  /** The rules of all documents, in load order; rules with mistakes are in the report instead. */
  compile(): CompiledRule[] {
    return compileAll(this.#items, this.#report, this.#options)
  }

  definitions(): FalcoDefinitions {
    return {
      definitions: inOrder(this.#items.rules).map(({ definition }) => definition),
      macros: inOrder(this.#items.macros).map(({ definition }) => definition),
      lists: expandLists(this.#items.lists, MAX_LIST_ITEMS),
    }
  }
}

function compileAll(items: RuleItems, report: LoadReport, options: LoadOptions): CompiledRule[] {
  const { broken } = report
  const reportLong = ({ name, place }: ListDefinition): void => {
    const message = `A list can have at most ${String(MAX_LIST_ITEMS)} items, including those of the lists in it`
    broken.list.set(name, report.error('LOAD_ERR_VALIDATE', message, name, place))
  }
  const lists = expandLists(without(items.lists, broken.list), MAX_LIST_ITEMS, reportLong)
  const macros = inOrder(items.macros)
  const usedLists = new Set(lists.flatMap((list) => list.refs))
  const macroNames = macros.map(({ definition }) => definition.name)
  const context: CompileContext = {
    lists,
    usedLists,
    sources: new SourceMap(),
    macroNames,
    unresolved: new Map(),
    budget: new LoadBudget(),
    report,
  }
  const sound = inOrder(without(items.macros, broken.macro))
  const expander = new MacroExpander(sound.flatMap((macro) => parseMacro(macro, context)))
  expander.expandMacros(
    // Reported first: a macro that names itself is a mistake of its own, not the consequence of another one.
    (macro, problem) => broken.macro.set(macro.name, reportMacroProblem(macro.name, problem, context)),
    ({ name }, problem) => {
      const place = items.macros.get(name)?.definition.place ?? NOWHERE
      broken.macro.set(name, report.error('LOAD_ERR_COMPILE_CONDITION', problem, name, place))
    },
  )
  const rules: CompiledRule[] = []
  const wanted = inOrder(items.rules).filter(({ definition }) => isWanted(definition, options))
  for (const { definition } of wanted) {
    const outcome = compileRule(definition, expander, context)
    if (outcome?.kind === 'error' && !broken.rule.has(definition.name)) broken.rule.set(definition.name, outcome.error)
    if (outcome?.kind === 'rule' && !broken.rule.has(definition.name)) rules.push(outcome.rule)
  }
  for (const [name, error] of broken.rule) report.quarantine('rule', name, error)
  // After a mistake, a definition may only seem unused.
  if (report.errors.length === 0) warnOfUnused(items, expander.used, usedLists, report)
  return rules
}

function isWanted({ source, priority }: RuleDefinition, { minPriority }: LoadOptions): boolean {
  return KNOWN_SOURCES.includes(source) && (minPriority === undefined || isAtLeast(priority, minPriority))
}

/** The items without the broken ones: the earlier definition of a broken item must not replace it. */
function without<T>(items: ReadonlyMap<string, Collected<T>>, broken: ReadonlyMap<string, unknown>): ReadonlyMap<string, Collected<T>> {
  return broken.size === 0 ? items : new Map([...items].filter(([name]) => !broken.has(name)))
}

function parseMacro({ definition, index, visibility }: Collected<MacroDefinition>, context: CompileContext): ParsedMacro[] {
  const parsed: ParsedMacro[] = []
  const failure = context.report.failureOf(() => {
    const tree = parsePlacedCondition(definition.name, definition.condition, definition.condition.text, context)
    parsed.push({ name: definition.name, tree, index, visibility })
  })
  if (failure !== null) context.report.broken.macro.set(definition.name, failure)
  return parsed
}

function warnOfUnused(items: RuleItems, usedMacros: ReadonlySet<string>, usedLists: ReadonlySet<string>, report: LoadReport): void {
  for (const { definition } of inOrder(items.macros)) {
    if (!usedMacros.has(definition.name)) {
      report.warn('LOAD_UNUSED_MACRO', 'Macro not referred to by any other rule/macro', definition.name, definition.place)
    }
  }
  for (const { definition } of inOrder(items.lists)) {
    if (!usedLists.has(definition.name)) {
      report.warn('LOAD_UNUSED_LIST', 'List not referred to by any other rule/macro', definition.name, definition.place)
    }
  }
}
