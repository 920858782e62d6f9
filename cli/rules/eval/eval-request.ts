// Requests of `rules eval`: a condition or rules, and events as field maps; what of it matches. Compiled rules are kept, since the same
// ones come again and again.
import { UsageError } from '../../../infra/errors.js'
import { compileCondition } from '../../../processors/rule-engine/compile/compile-condition.js'
import type { CompiledRule } from '../../../processors/rule-engine/compiled-rule.js'
import { EventSequence } from '../../../processors/rule-engine/correlation/event-sequence.js'
import { timeOfFields } from '../../../processors/rule-engine/correlation/field-map-time.js'
import { firingText } from '../../../processors/rule-engine/correlation/firing-text.js'
import type { LoadError } from '../../../processors/rule-engine/diagnostics.js'
import { FieldMapSource } from '../../../processors/rule-engine/evaluate/field-map.js'
import type { FieldMap } from '../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../processors/rule-engine/evaluate/prepare.js'
import type { PreparedExpression } from '../../../processors/rule-engine/evaluate/prepare.js'
import { loadRules } from '../../../processors/rule-engine/load-rules.js'
import { filesHash } from '../../../processors/rule-engine/read/rule-file.js'
import { parsePriority, priorityName } from '../../../processors/rule-engine/priority.js'
import { parseCondition } from '../../../processors/rule-engine/language/parser.js'
import { ConditionSyntaxError } from '../../../processors/rule-engine/language/syntax-error.js'
import { fillTemplate } from '../../../processors/rule-engine/output/fill-template.js'
import { readRuleFiles } from '../../../processors/rule-engine/rule-files.js'
import { selectionProblem, selectRules } from '../../../processors/rule-engine/rule-set.js'
import type { RuleSelection } from '../../../processors/rule-engine/rule-set.js'
import { requestLanguage } from '../rule-format.js'

type Request = Readonly<Record<string, unknown>>
interface PreparedRule {
  readonly rule: CompiledRule
  readonly holds: PreparedExpression
}
type Prepared = { readonly rules: readonly PreparedRule[] } | { readonly error: string }

/** How many different sets of rules are kept compiled; the least lately used goes. */
const KEPT_SETS = 64

/** Answers requests; keeps what it compiled. */
export class EvalRequests {
  readonly #kept = new Map<string, Prepared>()

  /** @throws UsageError for a request that is no request */
  answer(request: Request): object {
    const id = request['id'] ?? null
    const events = requestEvents(request)
    const isFirstOnly = requestMatching(request) === 'first'
    if (typeof request['condition'] === 'string') return answerCondition(id, request['condition'], events)
    const prepared = this.#prepare(request)
    if ('error' in prepared) return refused(id, prepared.error)
    return judge(id, prepared.rules, events, isFirstOnly)
  }

  #prepare(request: Request): Prepared {
    const selection = requestSelection(request)
    const problem = selectionProblem(selection)
    if (problem !== null) return { error: problem }
    const { files, errors } = requestFiles(request)
    if (errors.length > 0) return { error: errorText(errors) }
    const minPriority = request['minPriority'] === undefined ? undefined : parsePriority(String(request['minPriority']))
    if (minPriority === null) return { error: `unknown priority '${String(request['minPriority'])}'` }
    const { language } = requestLanguage(request)
    const key = JSON.stringify([language, filesHash(files), minPriority, selection])
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      this.#kept.delete(key)
      this.#kept.set(key, kept)
      return kept
    }
    const loaded = loadRules(files, { language, ...(minPriority === undefined ? {} : { minPriority }) })
    const prepared: Prepared =
      loaded.ruleSet === null || loaded.errors.length > 0
        ? { error: errorText(loaded.errors) }
        : {
            rules: selectRules(loaded.ruleSet, selection)
              .rules.filter((rule) => rule.isEnabled)
              .map((rule) => ({ rule, holds: prepareExpression((rule.onFields ?? rule).condition) })),
          }
    this.#keep(key, prepared)
    return prepared
  }

  #keep(key: string, prepared: Prepared): void {
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT_SETS && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(key, prepared)
  }
}

function refused(id: unknown, error: string): object {
  return { id, ok: false, matched: false, rules: [], alerts: [], error }
}

function errorText(errors: readonly LoadError[]): string {
  return errors.map(({ code, message, item }) => `${item === null ? '' : `'${item}': `}${message} (${code})`).join('; ')
}

function answerCondition(id: unknown, text: string, events: readonly FieldMap[]): object {
  try {
    const { expression, errors } = compileCondition(parseCondition(text))
    if (expression === null) return refused(id, errors.map(({ message }) => message).join('; '))
    const holds = prepareExpression(expression)
    const matched = events.some((event) => holds(new FieldMapSource(event)) === true)
    return { id, ok: true, matched, rules: [], alerts: [] }
  } catch (error) {
    if (error instanceof ConditionSyntaxError) return refused(id, error.message)
    throw error
  }
}

function judge(id: unknown, rules: readonly PreparedRule[], events: readonly FieldMap[], isFirstOnly: boolean): object {
  const alerts: EvalAlert[] = []
  const sequence = new EventSequence()
  for (const [index, event] of events.entries()) {
    const source = new FieldMapSource(event)
    sequence.next(timeOfFields(event))
    for (const { rule, holds } of rules) {
      if (holds(source) !== true) continue
      sequence.matched(rule, source)
      if (rule.feeds?.isSilent !== true) alerts.push({ event: index, ...spoken(rule), ...fillTemplate(rule.output, source) })
      if (isFirstOnly && rule.language === 'falco') break
    }
  }
  for (const firing of sequence.firings())
    alerts.push({ event: firing.completing.evidence, ...spoken(firing.correlation), ...firingText(firing) })
  return { id, ok: true, matched: alerts.length > 0, rules: [...new Set(alerts.map(({ rule }) => rule))], alerts }
}

interface EvalAlert {
  /** Index of the event; of a correlation, that of the event that completed it. */
  readonly event: number
  readonly rule: string
  readonly priority: string
  readonly output: string
  readonly outputFields: object
}

/** Falco knows a rule by its name and a priority, Sigma by its id and a level. */
function spoken({ id, level, priority }: Pick<CompiledRule, 'id' | 'level' | 'priority'>): Pick<EvalAlert, 'rule' | 'priority'> {
  return { rule: id, priority: level ?? priorityName(priority) }
}

function requestEvents(request: Request): FieldMap[] {
  const given = request['events'] ?? (request['fields'] === undefined || request['fields'] === null ? [] : [request['fields']])
  if (!Array.isArray(given)) throw new UsageError('events: expected a list of field maps')
  return given.map((event: unknown) => {
    if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new UsageError('events: expected a list of field maps')
    return event as FieldMap
  })
}

function requestMatching({ matching = 'all' }: Request): 'first' | 'all' {
  if (matching !== 'first' && matching !== 'all') throw new UsageError("matching: expected 'first' or 'all'")
  return matching
}

function requestFiles(request: Request): ReturnType<typeof readRuleFiles> {
  if (request['rulesFiles'] !== undefined) return readRuleFiles(texts(request, 'rulesFiles'))
  if (request['rules'] === undefined) throw new UsageError('expected a condition, rules or rulesFiles')
  return { files: texts(request, 'rules').map((text, index) => ({ name: `rules[${String(index)}]`, text })), errors: [] }
}

function requestSelection(request: Request): RuleSelection {
  return {
    runTags: texts(request, 'runTags'),
    disableTags: texts(request, 'disableTags'),
    disableRules: texts(request, 'disableRules'),
  }
}

function texts(request: Request, key: string): string[] {
  const given = request[key] ?? []
  if (!Array.isArray(given) || !given.every((text) => typeof text === 'string')) throw new UsageError(`${key}: expected a list of texts`)
  return given
}
