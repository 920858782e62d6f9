// A Sigma rule that was read to a compiled rule: searches and condition to one tree, the log source to what an event must be.
import { collectedTypesOf } from '../compile/event-types.js'
import type { BoundExpression } from '../compile/bound-tree.js'
import type { CompiledRule } from '../compiled-rule.js'
import { missing } from '../fields/field.js'
import type { FieldDefinition } from '../fields/field.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { printCondition } from '../language/printer.js'
import type { LoadReport } from '../load-report.js'
import { ItemError } from '../load-report.js'
import { versionOf } from '../rule-version.js'
import { CompileScope } from './compile/compile-scope.js'
import { compileSearch } from './compile/compile-search.js'
import { ConditionCompiler } from './compile/compile-condition.js'
import { conditionProblem } from './compile/sigma-problem.js'
import { anyTerm, NEVER } from './compile/term.js'
import type { Term } from './compile/term.js'
import { parseSigmaCondition, SigmaConditionError } from './condition/parse-condition.js'
import { priorityOf } from './level.js'
import { logSourceText } from './log-source/log-source.js'
import type { LogSource, LogSources } from './log-source/log-source.js'
import { sigmaOutput } from './sigma-output.js'
import type { SigmaDetection, SigmaDocument, SigmaMetadata, WrittenCondition } from './read/sigma-document.js'
import type { Placeholders } from './values/placeholders.js'

/** What the documents of one load share. */
export interface SigmaContext {
  readonly logSources: LogSources
  readonly placeholders: Placeholders
  readonly report: LoadReport
}

/** null when the document has mistakes; they are in the report. */
export function compileSigma(document: SigmaDocument, context: SigmaContext): CompiledRule | null {
  if (document.kind === 'rule') return compileRule(document.metadata, document.detection, context)
  const { kind, metadata, text } = document
  const reason =
    kind === 'correlation'
      ? `correlations (${text}) are not evaluated yet`
      : 'filters are not evaluated yet: the rules that it names fire without it'
  context.report.warn('LOAD_NOT_EVALUATED', reason, metadata.title, metadata.place)
  const parts = { source: kind, conditionText: text, term: NEVER, scope: null, eventTypes: [], fields: [], unavailable: [reason] }
  return assemble(metadata, parts)
}

function compileRule(metadata: SigmaMetadata, detection: SigmaDetection, context: SigmaContext): CompiledRule | null {
  const source = context.logSources.find(detection.logSource)
  const scope = new CompileScope((name) => fieldOf(name, source), context.placeholders)
  const term = compileDetection(metadata, detection, scope, context.report)
  if (term === null) return null
  const obstacles = [...scope.obstacles]
  const fields = [...scope.fields.values()]
  return assemble(metadata, {
    source: logSourceText(detection.logSource),
    conditionText: detection.conditions.map(({ text }) => text.trim()).join(' or '),
    term: obstacles.length === 0 ? term : NEVER,
    scope: source.isAnswered ? source.scope : null,
    eventTypes: source.isAnswered ? collectedTypesOf(source.scope) : [],
    fields: [...fields, ...metadata.fields.filter((name) => !scope.fields.has(name)).map((name) => fieldOf(name, source))],
    unavailable: [
      ...(source.isAnswered
        ? fields.flatMap(({ key, definition }) => (definition.unavailable === null ? [] : [`${key}: ${definition.unavailable}`]))
        : [source.reason]),
      ...obstacles,
    ],
  })
}

/** Every search is compiled, also one that no condition names: all mistakes are told in one go. */
function compileDetection(metadata: SigmaMetadata, detection: SigmaDetection, scope: CompileScope, report: LoadReport): Term | null {
  const searches = new Map<string, Term>()
  let isWhole = true
  for (const [name, node] of detection.searches) {
    isWhole = attempt(metadata, report, () => searches.set(name, compileSearch(name, node, scope))) && isWhole
  }
  const compiler = new ConditionCompiler(searches)
  const terms: Term[] = []
  for (const condition of detection.conditions) {
    // A search that is broken is no search that is missing.
    if (isWhole) isWhole = attempt(metadata, report, () => terms.push(compileOne(condition, compiler, metadata, report)))
  }
  return isWhole ? anyTerm(terms) : null
}

/** Notes a mistake with the title of the rule. True when there was none. */
function attempt({ title }: SigmaMetadata, report: LoadReport, work: () => void): boolean {
  return report.attempt(() => {
    try {
      work()
    } catch (error) {
      if (error instanceof ItemError) throw new ItemError(error.code, error.message, title, error.place)
      throw error
    }
  })
}

function compileOne({ text, node }: WrittenCondition, compiler: ConditionCompiler, metadata: SigmaMetadata, report: LoadReport): Term {
  try {
    const before = compiler.emptyPatterns.length
    const term = compiler.compile(parseSigmaCondition(text))
    for (const { pattern, index } of compiler.emptyPatterns.slice(before)) {
      const message = `'${pattern}' names no search: it never holds`
      report.warn('LOAD_EMPTY_PATTERN', message, metadata.title, node.places.at(index))
    }
    return term
  } catch (error) {
    if (error instanceof SigmaConditionError) throw conditionProblem(error.message, node.places.at(error.index))
    throw error
  }
}

const WHOLE_EVENT: FieldDefinition = missing(
  '',
  'CHARBUF',
  'Every value of the event.',
  'keywords are looked for in lines of logs, which records are not',
  {
    plurality: 'any',
    isWholeEvent: true,
  },
)

function fieldOf(name: string, source: LogSource): ResolvedField {
  const known = source.isAnswered ? source.fields.get(name) : undefined
  const unknown = (): FieldDefinition => missing(name, 'CHARBUF', 'A field of the log source.', 'no record has it', { plurality: 'any' })
  const definition = name === '' ? WHOLE_EVENT : (known ?? unknown())
  return { definition, argument: null, type: definition.type, plurality: definition.plurality, key: name === '' ? 'keywords' : name }
}

interface Parts {
  readonly source: string
  readonly conditionText: string
  readonly term: Term
  readonly scope: BoundExpression | null
  readonly eventTypes: readonly string[]
  /** Fields that the output shows. */
  readonly fields: readonly ResolvedField[]
  readonly unavailable: readonly string[]
}

function assemble(metadata: SigmaMetadata, { source, conditionText, term, scope, eventTypes, fields, unavailable }: Parts): CompiledRule {
  const { title, id, description, level, author, references, tags, place } = metadata
  const output = sigmaOutput(title, fields)
  const priority = priorityOf(level)
  return {
    id,
    name: title,
    version: versionOf([id, title, source, priority, printCondition(term.tree, 'parseable'), output.text, ...tags]),
    language: 'sigma',
    source,
    priority,
    level,
    tags,
    author,
    references,
    desc: description.trim(),
    conditionText,
    outputText: output.text,
    compiledText: printCondition(term.tree),
    tree: term.tree,
    condition: term.bound,
    scope,
    output: output.template,
    eventTypes,
    isEnabled: true,
    unavailable,
    place,
  }
}
