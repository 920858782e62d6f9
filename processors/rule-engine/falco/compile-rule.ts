// Compiles one rule definition: adds exceptions and lists as text, parses, expands macros, and resolves fields and types.
import { nearestName } from '../../../infra/text/nearest.js'
import { compileCondition } from '../compile/compile-condition.js'
import { fieldsOf, type BoundExpression } from '../compile/bound-tree.js'
import { costProblem } from '../compile/condition-cost.js'
import type { ConditionNote } from '../compile/bind-operand.js'
import { collectedTypesOf, eventTypesOf, numberedEventTypesOf } from '../analysis/event-types.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { FilePlace } from '../read/rule-file.js'
import type { LoadError, LoadErrorCode } from '../read/diagnostics.js'
import { parseCondition, RULE_MAX_DEPTH } from '../language/parser.js'
import { printCondition } from '../language/printer.js'
import { ConditionSyntaxError } from '../language/tokenizer.js'
import type { Expression, MacroReference, Place } from '../language/tree.js'
import { parseTemplate, type OutputTemplate } from '../compile/template.js'
import { versionOf } from '../rule-set/rule-head.js'
import type { PlacedText, RuleDefinition } from './definitions.js'
import { eventTypeCheckProblems } from './event-type-checks.js'
import { type LoadBudget, type MacroExpander, type MacroProblem, macrosIn, sizeProblem } from './expand-macros.js'
import { locateInSource, SourceMap } from './condition-source.js'
import { withExceptions } from './exceptions.js'
import { mentionsList, substituteLists, type ExpandedList } from './expand-lists.js'
import { FollowOnError, ItemError, type LoadReport } from '../read/load-report.js'

/** State shared by the conditions of one load. */
export interface CompileContext {
  readonly lists: readonly ExpandedList[]
  readonly usedLists: Set<string>
  readonly sources: SourceMap
  readonly macroNames: readonly string[]
  /** References that could not be expanded, and why. */
  readonly unresolved: Map<MacroReference, LoadError>
  readonly budget: LoadBudget
  readonly report: LoadReport
}

/**
 * Substitutes lists in the text of a condition and parses it.
 * @throws ItemError with the place of the mistake
 */
export function parsePlacedCondition(item: string, written: PlacedText, text: string, context: CompileContext): Expression {
  const substituted = substituteLists(text, context.lists)
  if (substituted === null)
    throw new ItemError('LOAD_ERR_COMPILE_CONDITION', 'the condition is too long with its lists expanded', item, written.places.start)
  for (const name of substituted.used) context.usedLists.add(name)
  for (const [name, mistake] of context.report.broken.list) if (mentionsList(substituted.text, name)) throw new FollowOnError(mistake)
  const source = { written, parsed: substituted.text }
  try {
    const tree = parseCondition(substituted.text, { maxDepth: RULE_MAX_DEPTH })
    context.sources.register(tree, source)
    return tree
  } catch (error) {
    if (!(error instanceof ConditionSyntaxError)) throw error
    throw new ItemError('LOAD_ERR_COMPILE_CONDITION', error.message, item, locateInSource(source, error.place.index))
  }
}

/** Reports a macro that is unknown or contains itself. @returns the mistake, or that of the macro if the macro itself is broken */
export function reportMacroProblem(item: string, problem: MacroProblem, context: CompileContext): LoadError {
  const { kind, reference } = problem
  const { name, place } = reference
  const { report, sources, macroNames, unresolved } = context
  const message = macroMessage(problem, nearestName(name, macroNames))
  const known = kind === 'undefined' ? report.broken.macro.get(name) : undefined
  const error = known ?? report.error('LOAD_ERR_VALIDATE', message, item, sources.locate(place) ?? NOWHERE)
  unresolved.set(reference, error)
  return error
}

function macroMessage({ kind, reference: { name }, circle, isLater }: MacroProblem, near: string | undefined): string {
  const path = circle.map((one) => `'${one}'`).join(' -> ')
  if (kind === 'loop') return `reference loop in macro '${name}': ${path}`
  const undefinedMacro = `Undefined macro '${name}' used in filter.`
  if (circle.length > 0) return `${undefinedMacro} The macros contain each other: ${path}`
  if (isLater) return `${undefinedMacro} It is defined later: a macro sees only those before it`
  return near === undefined || near === name ? undefinedMacro : `${undefinedMacro} Did you mean '${near}'?`
}

/** The place of items without a file. */
export const NOWHERE: FilePlace = { file: '', line: 1, column: 1 }

/** The result for a definition: a rule, the mistake that excludes it, or null if the rule asks to be skipped. */
export type RuleOutcome =
  { readonly kind: 'rule'; readonly rule: CompiledRule } | { readonly kind: 'error'; readonly error: LoadError } | null

/** Compiles a rule. The report has every mistake, the outcome the first one. */
export function compileRule(rule: RuleDefinition, expander: MacroExpander, context: CompileContext): RuleOutcome {
  const { report } = context
  let tree: Expression | null = null
  const failure = report.failureOf(() => (tree = ruleTree(rule, expander, context)))
  const mistakes: (LoadError | null)[] = [failure]
  const condition = tree === null ? null : compileTree(rule, tree, context, mistakes)
  const output = compileOutput(rule, context, mistakes)
  const costly = condition === null ? null : costProblem(condition)
  if (costly !== null) mistakes.push(report.error('LOAD_ERR_COMPILE_CONDITION', costly, rule.name, rule.place))
  const [error] = mistakes.filter((mistake) => mistake !== null)
  if (error !== undefined) return { kind: 'error', error }
  if (tree === null || output === null || condition === null) return null
  warnOfDeprecated(rule, condition, output, context)
  const types = eventTypesOf(condition)
  if (rule.warnEventTypes && isTooBroad(condition)) {
    report.warn(
      'LOAD_NO_EVTTYPE',
      'Rule matches too many evt.type values. This has a significant performance penalty.',
      rule.name,
      rule.place,
    )
  }
  return { kind: 'rule', rule: assemble(rule, tree, condition, output, types) }
}

/** A rule for more event types than this is too broad. */
const TOO_MANY_TYPES = 100

/** A condition that holds for no event, such as a macro to be overridden, is not too broad. */
function isTooBroad(condition: BoundExpression): boolean {
  const types = numberedEventTypesOf(condition)
  return types === null || types.length > TOO_MANY_TYPES
}

/** The tree with its macros expanded; a macro that can't be expanded remains. @throws ItemError */
function ruleTree(rule: RuleDefinition, expander: MacroExpander, context: CompileContext): Expression {
  const parsed = parsePlacedCondition(rule.name, rule.condition, withExceptions(rule.condition.text, rule.exceptions), context)
  const tree = expander.expandRule(parsed, (problem) => reportMacroProblem(rule.name, problem, context))
  const size = expander.sizes.of(tree)
  const problem = sizeProblem(size) ?? context.budget.problemWith(size.nodes)
  if (problem !== null) throw new ItemError('LOAD_ERR_COMPILE_CONDITION', problem, rule.name, rule.place)
  return tree
}

function compileTree(
  rule: RuleDefinition,
  tree: Expression,
  context: CompileContext,
  mistakes: (LoadError | null)[],
): BoundExpression | null {
  const { report, sources } = context
  const where = (place: Place): FilePlace => sources.locate(place) ?? rule.condition.places.start
  const { expression, errors, warnings } = compileCondition(tree, { areMacrosReported: true })
  for (const { message, place } of warnings) report.warn('LOAD_COMPILE_CONDITION', message, rule.name, where(place))
  for (const note of [...errors, ...eventTypeCheckProblems(tree)]) {
    mistakes.push(reportUnlessUnknown(rule, 'LOAD_ERR_COMPILE_CONDITION', note, where(note.place), report))
  }
  mistakes.push(...macrosIn(tree).map((reference) => context.unresolved.get(reference) ?? null))
  return expression
}

function compileOutput(rule: RuleDefinition, context: CompileContext, mistakes: (LoadError | null)[]): OutputTemplate | null {
  const template = parseTemplate(rule.output.text)
  if (!('problem' in template)) return template
  const place = rule.output.places.at(template.index)
  const { problem: message, unknown } = template
  mistakes.push(reportUnlessUnknown(rule, 'LOAD_ERR_COMPILE_OUTPUT', { message, unknown }, place, context.report))
  return null
}

/** A rule with `skip-if-unknown-filter` is left out with a warning (null) if it names a field or event type that does not exist. */
function reportUnlessUnknown(
  rule: RuleDefinition,
  code: LoadErrorCode,
  { message, unknown }: Pick<ConditionNote, 'message' | 'unknown'>,
  place: FilePlace,
  report: LoadReport,
): LoadError | null {
  if (!rule.skipIfUnknownFilter || unknown === undefined) return report.error(code, message, rule.name, place)
  report.warn('LOAD_UNKNOWN_FILTER', message, rule.name, place)
  return null
}

function warnOfDeprecated(rule: RuleDefinition, condition: BoundExpression, output: OutputTemplate, { report }: CompileContext): void {
  const inOutput = output.parts.flatMap((part) => (part.kind === 'field' && part.operand.kind === 'field' ? [part.operand.field] : []))
  const places = [
    [fieldsOf(condition), 'condition', rule.condition.places.start],
    [inOutput, 'the rule output', rule.output.places.start],
  ] as const
  for (const [fields, where, place] of places) {
    for (const definition of new Set(fields.map((field) => field.definition))) {
      if (definition.deprecated === null) continue
      const message = `usage of deprecated field '${definition.name}' has been detected in ${where}: ${definition.deprecated}`
      report.warn('LOAD_DEPRECATED_ITEM', message, rule.name, place)
    }
  }
}

function assemble(
  rule: RuleDefinition,
  tree: Expression,
  condition: BoundExpression,
  output: OutputTemplate,
  types: readonly string[] | null,
): CompiledRule {
  const eventTypes = collectedTypesOf(condition)
  const compiledText = printCondition(tree, 'parseable')
  return {
    id: rule.name,
    name: rule.name,
    version: versionOf([rule.name, rule.source, rule.priority, compiledText, rule.output.text, ...rule.tags]),
    language: 'falco',
    source: rule.source,
    priority: rule.priority,
    level: null,
    tags: rule.tags,
    author: null,
    references: [],
    desc: rule.desc,
    conditionText: rule.condition.text,
    outputText: rule.output.text,
    compiledText: printCondition(tree),
    tree,
    condition,
    scope: null,
    output,
    eventTypes,
    isEnabled: rule.enabled,
    unavailable: unavailableReasons(condition, eventTypes, types),
    place: rule.place,
  }
}

/** Why a condition can't be evaluated on records yet. */
function unavailableReasons(condition: BoundExpression, collected: readonly string[], types: readonly string[] | null): string[] {
  const reasons: string[] = []
  if (collected.length === 0)
    reasons.push(`event types not collected yet: ${types === null || types.length === 0 ? 'none is asked for' : types.join(', ')}`)
  const missing = new Map<string, string>()
  for (const { key, definition } of fieldsOf(condition)) {
    if (definition.unavailable !== null) missing.set(key, definition.unavailable)
  }
  for (const [key, reason] of missing) reasons.push(`${key}: ${reason}`)
  return reasons
}
