// What the functions of `run` need of the collector's events. Only here do kinds of ring records meet the types of events that rules name.
import { KIND } from '../native/generated/layout.js'
import type { EventScreen } from '../collector/pipeline/event-context.js'
import type { RuleScreen } from '../processors/functions/detect/rule-screen.js'
import type { HostBoot } from '../processors/membership/membership-key.js'
import { eventTypeOf } from '../processors/rule-engine/fields/record/event-type.js'
import { syscallSymbol } from '../schemas/calls.js'
import { RECORD_KINDS } from '../schemas/generated/calls.js'
import { SYSCALL_SYMBOLS, type ProcessEventType } from '../schemas/generated/types.js'

/** Types of the records that the collector makes of these kinds. */
const TYPE_OF: Readonly<Record<number, ProcessEventType>> = {
  [KIND.fork]: 'fork',
  [KIND.exec]: 'exec',
  [KIND.execRefused]: 'exec',
  [KIND.exit]: 'exit',
}

const OPENS = RECORD_KINDS.file['open'] ?? []

/** Follows the rules and the memberships behind `rules`. @param origin of the collector's events */
export function eventScreen(rules: RuleScreen, origin: HostBoot): EventScreen {
  let types: ReadonlySet<string> | null = null
  /** By kind and symbol of the call. */
  let answers: (boolean | undefined)[] = []
  return {
    isForRules: (kind, syscall) => {
      if (types !== rules.eventTypes) {
        types = rules.eventTypes
        answers = []
      }
      const symbol = syscallSymbol(syscall)
      return (answers[kind * SYSCALL_SYMBOLS.length + symbol] ??= isForRules(rules.eventTypes, kind, symbol))
    },
    get judgeOfOpens() {
      return rules.judgeOf(OPENS)
    },
    excludedAgain: () => rules.excludedAgain(),
    isPlaceNew: (containerId, cgroupId) => rules.isPlaceNew(origin, containerId, cgroupId),
    mayMatch: (topic, bytes, end) => rules.mayMatch(topic, bytes, end),
  }
}

function isForRules(types: ReadonlySet<string>, kind: number, symbol: number): boolean {
  const type = TYPE_OF[kind]
  if (type === undefined) return true
  const name = eventTypeOf({ topic: 'process', record: { type, syscall: SYSCALL_SYMBOLS[symbol] ?? 'UNKNOWN' } })
  return name !== null && types.has(name)
}
