// Whether a watch of a plan covers an event, as infra/watch-plan/watch-plan.ts defines it: every filter created from the plan must pass the event. And
// how much of a recorded stream each rule lets through.
import { matchesGlob } from '../../../infra/text/glob.js'
import { opensSetId, type PathPattern, type Watch } from '../../../infra/watch-plan/watch-plan.js'
import { eventTypeOf } from '../fields/record/event-type.js'
import type { RuleEvent } from '../fields/rule-event.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { watchesOf } from './plan-watches.js'

/** Whether one of the watches covers the event. */
export function isCovered({ event }: Pick<RuleEvent, 'event'>, watches: readonly Watch[]): boolean {
  const type = eventTypeOf(event)
  return watches.some((watch) => {
    if (watch.topic !== event.topic || type === null || !watch.eventTypes.includes(type)) return false
    if (watch.routes !== null && (event.topic === 'process' || !watch.routes.some((route) => event.record.route === route))) return false
    if (watch.outcome !== null && (watch.outcome === 'succeeded') !== event.record.result >= 0) return false
    if (event.topic !== 'file') return true
    const { isRead, isWrite, isCreated, flags, mode, path, pathArgument } = event.record
    const setId = event.record.result >= 0 && opensSetId(flags, event.record.inode === null ? null : isCreated, mode ?? 0)
    const intents = { read: isRead, write: isWrite, created: isCreated, setId }
    if (watch.intents !== null && !watch.intents.some((intent) => intents[intent])) return false
    const given = pathArgument?.replace(/\/+/g, '/') ?? null
    if (watch.givenPaths !== null && (given === null || !watch.givenPaths.some((pattern) => fits(given, pattern)))) return false
    return watch.paths === null || (path !== null && watch.paths.some((pattern) => fits(path, pattern)))
  })
}

function fits(path: string, { kind, text, ignoresCase }: PathPattern): boolean {
  if (ignoresCase) return /[\x80-\uffff]/.test(path) || fits(path.toLowerCase(), { kind, text: text.toLowerCase() })
  switch (kind) {
    case 'path':
      return path === text
    case 'prefix':
      return path.startsWith(text)
    case 'suffix':
      return path.endsWith(text)
    case 'part':
      return path.includes(text)
    case 'name':
      return path.slice(path.lastIndexOf('/') + 1) === text
    case 'glob':
      return matchesGlob(Buffer.from(text).toString('latin1'), Buffer.from(path).toString('latin1'))
  }
}

/** What a rule lets through. */
export interface RuleShare {
  readonly rule: CompiledRule
  /** What it needs. Empty for a rule that can match nothing. */
  readonly watches: readonly Watch[]
  /** Events of the stream that one of its watches covers. */
  events: number
}

/** Counts the events of a stream by the rules that let them through. Forks, execs and exits are always reported; they count by the watches, too. */
export class StreamShares {
  events = 0
  /** Events that any rule lets through. */
  covered = 0
  readonly rules: readonly RuleShare[]

  constructor(rules: readonly CompiledRule[]) {
    this.rules = rules.map((rule) => ({ rule, watches: watchesOf(rule), events: 0 }))
  }

  add(event: Pick<RuleEvent, 'event'>): void {
    const covering = this.rules.filter(({ watches }) => isCovered(event, watches))
    for (const share of covering) share.events++
    this.events++
    if (covering.length > 0) this.covered++
  }
}
