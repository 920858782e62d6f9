// Falco rule files to a rule set. All files are one set, in load order; every mistake of all of them is told in one go.
import type { CompiledRule } from '../compiled-rule.js'
import type { LoadError, LoadWarning } from '../diagnostics.js'
import type { RuleFile } from '../read/rule-file.js'
import { createRuleSet } from '../rule-set.js'
import type { RuleSet } from '../rule-set.js'
import { Collector, KNOWN_SOURCES } from './collector.js'
import type { Collected } from './collector.js'
import { compileRule, parsePlacedCondition, reportMacroProblem } from './compile-rule.js'
import type { CompileContext } from './compile-rule.js'
import type { MacroDefinition, RuleDefinition } from './definitions.js'
import { SourceMap } from './expand/condition-source.js'
import { expandLists, inOrder } from './expand/expand-lists.js'
import type { ExpandedList } from './expand/expand-lists.js'
import { MacroExpander } from './expand/expand-macros.js'
import type { ParsedMacro } from './expand/expand-macros.js'
import { LoadReport } from '../load-report.js'
import { isAtLeast } from '../priority.js'
import type { RulePriority } from '../priority.js'
import { readRuleFile } from './read/read-file.js'

/** What is loaded of what is read. */
export interface LoadOptions {
  /** Rules less urgent are left out. */
  readonly minPriority?: RulePriority
}

/** What became of the files. `ruleSet` is null when there are errors: a set is loaded whole or not at all. */
export interface LoadResult {
  readonly ruleSet: RuleSet | null
  readonly errors: readonly LoadError[]
  readonly warnings: readonly LoadWarning[]
  /** Rule definitions after append and override, in load order. */
  readonly definitions: readonly RuleDefinition[]
  readonly macros: readonly MacroDefinition[]
  readonly lists: readonly ExpandedList[]
}

export function loadFalcoRules(files: readonly RuleFile[], options: LoadOptions = {}): LoadResult {
  const report = new LoadReport()
  const collector = new Collector(report)
  for (const file of files) readRuleFile(file.name, file.text, collector, report)
  const rules = compileAll(collector, report, options)
  const errors = withoutRepeats(report.errors)
  return {
    ruleSet: errors.length === 0 ? createRuleSet(rules) : null,
    errors,
    warnings: report.warnings,
    definitions: inOrder(collector.rules).map(({ definition }) => definition),
    macros: inOrder(collector.macros).map(({ definition }) => definition),
    lists: expandLists(collector.lists),
  }
}

function compileAll(collector: Collector, report: LoadReport, options: LoadOptions): CompiledRule[] {
  const lists = expandLists(collector.lists)
  const macros = inOrder(collector.macros)
  const usedLists = new Set(lists.flatMap((list) => list.refs))
  const macroNames = macros.map(({ definition }) => definition.name)
  const context: CompileContext = { lists, usedLists, sources: new SourceMap(), macroNames, report }
  const expander = new MacroExpander(macros.flatMap((macro) => parseMacro(macro, context)))
  expander.expandMacros((macro, problem) => {
    // Told first: a macro that names itself is a mistake of its own, not one that follows from another.
    reportMacroProblem(macro.name, problem, context)
    report.brokenNames.add(macro.name)
  })
  const rules: CompiledRule[] = []
  for (const { definition } of inOrder(collector.rules)) {
    if (!KNOWN_SOURCES.includes(definition.source)) continue
    if (options.minPriority !== undefined && !isAtLeast(definition.priority, options.minPriority)) continue
    const rule = compileRule(definition, expander, context)
    if (rule !== null) rules.push(rule)
  }
  // With mistakes about, what is unused may only seem so.
  if (report.errors.length === 0) warnOfUnused(collector, expander.used, usedLists, report)
  return rules
}

function parseMacro({ definition, index, visibility }: Collected<MacroDefinition>, context: CompileContext): ParsedMacro[] {
  const parsed: ParsedMacro[] = []
  const isParsed = context.report.attempt(() => {
    const tree = parsePlacedCondition(definition.name, definition.condition, definition.condition.text, context)
    parsed.push({ name: definition.name, tree, index, visibility })
  })
  if (!isParsed) context.report.brokenNames.add(definition.name)
  return parsed
}

function warnOfUnused(collector: Collector, usedMacros: ReadonlySet<string>, usedLists: ReadonlySet<string>, report: LoadReport): void {
  for (const { definition } of inOrder(collector.macros)) {
    if (!usedMacros.has(definition.name)) {
      report.warn('LOAD_UNUSED_MACRO', 'Macro not referred to by any other rule/macro', definition.name, definition.place)
    }
  }
  for (const { definition } of inOrder(collector.lists)) {
    if (!usedLists.has(definition.name)) {
      report.warn('LOAD_UNUSED_LIST', 'List not referred to by any other rule/macro', definition.name, definition.place)
    }
  }
}

/** A mistake in a macro shows in every rule that uses it; it is told once. */
function withoutRepeats(errors: readonly LoadError[]): LoadError[] {
  const seen = new Set<string>()
  return errors.filter(({ code, message, place }) => {
    const key = JSON.stringify([code, message, place.file, place.line, place.column])
    return seen.size < seen.add(key).size
  })
}
