// Whether a watch of a plan covers an event, as infra/watch-plan/watch-plan.ts defines it: every filter created from the plan must pass the event.
import { matchesGlob } from '../../../infra/text/glob.js'
import { opensSetId, type PathPattern, type Watch } from '../../../infra/watch-plan/watch-plan.js'
import type { RuleEvent } from '../../../processors/rule-engine/fields/rule-event.js'
import { eventTypeOf } from '../../../processors/rule-engine/fields/record/event-type.js'

export function isCovered({ event }: RuleEvent, watches: readonly Watch[]): boolean {
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
  if (ignoresCase) return !/^[\x00-\x7f]*$/.test(path) || fits(path.toLowerCase(), { kind, text: text.toLowerCase() })
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
