// Answers requests of `rules eval`: a condition or rules, and events; which of them match. Compiled rules and rule files are cached, because
// the same ones recur thousands of times a second.
import { statSync } from 'node:fs'
import { UsageError } from '../../../infra/process/errors.js'
import { compileCondition } from '../compile/compile-condition.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { EventSequence } from '../correlation/event-sequence.js'
import { firingText } from '../correlation/correlation-alert.js'
import type { LoadError } from '../read/diagnostics.js'
import { explainVerdict } from '../evaluate/explain-verdict.js'
import { prepareExpression } from '../evaluate/prepare.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { loadRules } from '../load/load-rules.js'
import { parsePriority, priorityName } from '../rule-set/priority.js'
import { parseCondition } from '../language/parser.js'
import { ConditionSyntaxError } from '../language/tokenizer.js'
import { fillTemplate } from '../output/fill-template.js'
import { selectionProblem, selectRules, type RuleSelection } from '../rule-set/rule-set.js'
import { verdictJson } from './explain/condition-tree.js'
import { sourceOf, timeOfEvent, type GivenEvent } from './given-events/given-event.js'
import { GivenRecords } from './given-events/given-record.js'
import { givenEvent } from './given-events/read-events.js'
import { RecordJsonError } from '../../../schemas/record-json.js'
import { requestLanguage } from './check/check-requests.js'
import { prepareRules, explained, verdictOf, whyNotAsked, type PreparedRule } from './event-verdicts.js'
import { type RuleFile, filesHash } from '../read/rule-file.js'
import { readRuleFiles, type RuleFiles } from '../load/rule-files.js'

type Request = Readonly<Record<string, unknown>>
type Prepared = { readonly rules: readonly PreparedRule[] } | { readonly error: string }

/** Maximum compiled rule sets in the cache; the least recently used one is dropped. */
const MAX_CACHED_SETS = 64
/** Maximum trees in one answer. */
const MAX_EXPLAINED = 200

/** Answers requests, with a cache of compiled rules. */
export class EvalRequests {
  readonly #cache = new Map<string, Prepared>()
  readonly #files = new RuleFileCache()
  readonly #records = new GivenRecords()
  readonly #isExplained: boolean
  readonly #loadOptions: LoadOptions

  /** @param options isExplained: answers contain reasons, even if the request does not ask for them. load: options for requests that set none */
  constructor(options: { readonly isExplained?: boolean; readonly load?: LoadOptions } = {}) {
    this.#isExplained = options.isExplained ?? false
    this.#loadOptions = options.load ?? {}
  }

  /** @throws UsageError for an invalid request */
  answer(request: Request): object {
    const id = request['id'] ?? null
    const events = requestEvents(request, this.#records)
    const isFirstOnly = requestMatching(request) === 'first'
    const isExplained = this.#isExplained || request['explain'] === true
    if (typeof request['condition'] === 'string') return answerCondition(id, request['condition'], events, isExplained)
    const prepared = this.#prepare(request)
    if ('error' in prepared) return refused(id, prepared.error)
    const answer = evaluate(id, prepared.rules, events, isFirstOnly)
    return isExplained ? { ...answer, explain: reasons(events, prepared.rules) } : answer
  }

  #prepare(request: Request): Prepared {
    const selection = requestSelection(request)
    const problem = selectionProblem(selection)
    if (problem !== null) return { error: problem }
    const { files, errors, hash } = this.#filesOf(request)
    if (errors.length > 0) return { error: errorText(errors) }
    const minPriority = request['minPriority'] === undefined ? undefined : parsePriority(String(request['minPriority']))
    if (minPriority === null) return { error: `unknown priority '${String(request['minPriority'])}'` }
    const { language } = requestLanguage(request)
    const key = JSON.stringify([language, hash, minPriority, selection])
    const cached = this.#cache.get(key)
    if (cached !== undefined) {
      this.#cache.delete(key)
      this.#cache.set(key, cached)
      return cached
    }
    const loaded = loadRules(files, { ...this.#loadOptions, language, ...(minPriority === undefined ? {} : { minPriority }) })
    const prepared: Prepared =
      loaded.errors.length > 0
        ? { error: errorText(loaded.errors) }
        : {
            rules: prepareRules(selectRules(loaded.ruleSet, selection).rules.filter((rule) => rule.isEnabled)),
          }
    this.#store(key, prepared)
    return prepared
  }

  #filesOf(request: Request): ReadFiles {
    if (request['rulesFiles'] !== undefined) return this.#files.read(texts(request, 'rulesFiles'))
    if (request['rules'] === undefined) throw new UsageError('expected a condition, rules or rulesFiles')
    return withHash({ files: texts(request, 'rules').map((text, index) => ({ name: `rules[${String(index)}]`, text })), errors: [] })
  }

  #store(key: string, prepared: Prepared): void {
    const [oldest] = this.#cache.keys()
    if (this.#cache.size >= MAX_CACHED_SETS && oldest !== undefined) this.#cache.delete(oldest)
    this.#cache.set(key, prepared)
  }
}

function refused(id: unknown, error: string): object {
  return { id, ok: false, matched: false, rules: [], alerts: [], error }
}

function errorText(errors: readonly LoadError[]): string {
  return errors.map(({ code, message, item }) => `${item === null ? '' : `'${item}': `}${message} (${code})`).join('; ')
}

function answerCondition(id: unknown, text: string, events: readonly GivenEvent[], isExplained: boolean): object {
  try {
    const tree = parseCondition(text)
    const { expression, errors } = compileCondition(tree)
    if (expression === null) return refused(id, errors.map(({ message }) => message).join('; '))
    const holds = prepareExpression(expression)
    const matched = events.some((event) => holds(sourceOf(event)) === true)
    const answer = { id, ok: true, matched, rules: [], alerts: [] }
    if (!isExplained) return answer
    const explain = events.slice(0, MAX_EXPLAINED).map((event, index) => {
      const node = explainVerdict(tree, expression, sourceOf(event))
      return { event: index, rule: null, verdict: node.verdict, tree: verdictJson(node) }
    })
    return { ...answer, explain }
  } catch (error) {
    if (error instanceof ConditionSyntaxError) return refused(id, error.message)
    throw error
  }
}

function evaluate(id: unknown, rules: readonly PreparedRule[], events: readonly GivenEvent[], isFirstOnly: boolean): object {
  const alerts: EvalAlert[] = []
  const sequence = new EventSequence()
  for (const [index, event] of events.entries()) {
    const source = sourceOf(event)
    let isFirstFound = false
    sequence.next(timeOfEvent(event))
    for (const prepared of rules) {
      const { rule } = prepared
      const isOfFirst = isFirstOnly && rule.language === 'falco'
      if (isOfFirst && isFirstFound) continue
      const verdict = verdictOf(event, prepared, source)
      // An earlier rule whose facts have not arrived may still be the first match.
      if (isOfFirst && verdict !== false) isFirstFound = true
      if (verdict !== true) continue
      sequence.matched(rule, source)
      if (rule.feeds?.isSilent !== true) alerts.push({ event: index, ...spoken(rule), ...fillTemplate(rule.output, source) })
    }
  }
  for (const firing of sequence.firings())
    alerts.push({ event: firing.completing.evidence, ...spoken(firing.correlation), ...firingText(firing) })
  return { id, ok: true, matched: alerts.length > 0, rules: [...new Set(alerts.map(({ rule }) => rule))], alerts }
}

/** The reasons for the verdict of each rule on each event; bounded. */
function reasons(events: readonly GivenEvent[], rules: readonly PreparedRule[]): object[] {
  const all: object[] = []
  for (const [index, event] of events.entries()) {
    for (const prepared of rules) {
      if (all.length >= MAX_EXPLAINED) return all
      const verdict = verdictOf(event, prepared, sourceOf(event))
      const notAsked = whyNotAsked(event, prepared)
      all.push({
        event: index,
        rule: prepared.rule.id,
        verdict,
        ...(notAsked === null ? {} : { notAsked }),
        tree: verdictJson(explained(event, prepared.rule)),
      })
    }
  }
  return all
}

interface EvalAlert {
  /** Index of the event; for a correlation, of the event that completed it. */
  readonly event: number
  readonly rule: string
  readonly priority: string
  readonly output: string
  readonly outputFields: object
}

/** Falco identifies a rule by name and priority, Sigma by id and level. */
function spoken({ id, level, priority }: Pick<CompiledRule, 'id' | 'level' | 'priority'>): Pick<EvalAlert, 'rule' | 'priority'> {
  return { rule: id, priority: level ?? priorityName(priority) }
}

/** Field maps, and records with their topic. */
function requestEvents(request: Request, records: GivenRecords): GivenEvent[] {
  const given = request['events'] ?? (request['fields'] === undefined || request['fields'] === null ? [] : [request['fields']])
  if (!Array.isArray(given)) throw new UsageError('events: expected a list of field maps')
  return given.map((event: unknown) => {
    if (typeof event !== 'object' || event === null || Array.isArray(event)) throw new UsageError('events: expected a list of field maps')
    try {
      return givenEvent(event, records)
    } catch (error) {
      if (error instanceof RecordJsonError) throw new UsageError(`events: ${error.message}`)
      throw error
    }
  })
}

function requestMatching({ matching = 'all' }: Request): 'first' | 'all' {
  if (matching !== 'first' && matching !== 'all') throw new UsageError("matching: expected 'first' or 'all'")
  return matching
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

/** What was read, with the hash of its texts. */
export type ReadFiles = Pick<RuleFiles, 'files' | 'errors'> & { readonly hash: string }

/** Maximum path lists in the cache; the least recently used one is dropped. */
const MAX_CACHED_LISTS = 64

/** Reads lists of rule files, and caches the latest ones by paths, sizes and change times. */
class RuleFileCache {
  readonly #cache = new Map<string, { readonly state: string; readonly read: ReadFiles }>()

  read(paths: readonly string[]): ReadFiles {
    const state = stateOf(paths)
    const key = JSON.stringify(paths)
    const cached = this.#cache.get(key)
    if (cached !== undefined && state !== null && cached.state === state) return cached.read
    const read = withHash(readRuleFiles(paths))
    this.#cache.delete(key)
    if (state === null) return read
    const [oldest] = this.#cache.keys()
    if (this.#cache.size >= MAX_CACHED_LISTS && oldest !== undefined) this.#cache.delete(oldest)
    this.#cache.set(key, { state, read })
    return read
  }
}

/** Files with the hash of their texts. */
function withHash({ files, errors }: { readonly files: readonly RuleFile[]; readonly errors: RuleFiles['errors'] }): ReadFiles {
  return { files, errors, hash: filesHash(files) }
}

/** Changes whenever a file does. null for what must be read each time: a folder, whose files may have changed, and a missing path. */
function stateOf(paths: readonly string[]): string | null {
  try {
    const stats = paths.map((path) => statSync(path, { bigint: true }))
    if (!stats.every((one) => one.isFile())) return null
    return stats.map(({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':')).join(' ')
  } catch {
    return null
  }
}
