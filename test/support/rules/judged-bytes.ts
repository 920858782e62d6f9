// Evaluates the bytes of a record as detect does: the filter on the bytes, then the evaluator on what is left; and as the plain evaluator alone does, on the
// decoded record. Both must say the same.
import assert from 'node:assert/strict'
import type { RecordScanners } from '../../../processors/rule-engine/compiled/record-scanners.js'
import type { Evaluator } from '../../../processors/rule-engine/evaluate/evaluator.js'
import type { ContainerKnowledge, RuleTopic } from '../../../processors/rule-engine/fields/rule-event.js'
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import type { Codec } from '../../../schemas/codec.js'
import { RecordUnreadableError } from '../../../schemas/record-errors.js'
import { decodedEvent, viewedEvent } from '../generator/stored-event.js'

/** How a record was judged: excluded by its bytes, evaluated, or refused by scan and decoder. */
export type Judged = 'excluded' | 'evaluated' | 'decoded' | 'unreadable'

/** Identities of the rules that match, and of those that wait. */
export interface Verdicts {
  readonly matched: readonly string[]
  readonly waiting: readonly string[]
}

/** An evaluator with the one that defines its verdicts. */
export interface EvaluatorPair {
  readonly compiled: Evaluator
  readonly plain: Evaluator
}

/** Compares the verdicts on the bytes of a record. @throws AssertionError if they differ */
export function judgeBytes(
  { compiled, plain }: EvaluatorPair,
  { codec, scanners }: { readonly codec: Codec; readonly scanners: RecordScanners },
  { topic, bytes, container }: { readonly topic: RuleTopic; readonly bytes: Uint8Array; readonly container: ContainerKnowledge },
): { readonly judged: Judged; readonly expected: Verdicts } {
  const scanned = scanners.of(topic).scan(bytes, 0, bytes.length)
  const factsOf = (): ContainerFacts | null => (container.state === 'known' ? container.facts : null)
  const candidates = scanned === null ? null : (compiled.candidates?.(topic, scanned, factsOf) ?? null)
  if (scanned !== null && compiled.excludes !== undefined) {
    assert.equal(compiled.excludes(topic, scanned, factsOf), candidates === null, 'a screen keeps back what detect judges')
  }
  let event
  try {
    event = { event: decodedEvent(codec, topic, bytes), container }
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error
    assert.equal(scanned, null, `the scan accepts what the decoder refuses: ${error.message}`)
    return { judged: 'unreadable', expected: NOTHING }
  }
  const expected = verdictsOf(plain, event)
  if (scanned !== null && candidates === null) {
    assert.deepEqual(NOTHING, expected, 'the bytes exclude an event that a rule matches or waits for')
    return { judged: 'excluded', expected }
  }
  const { matched, waiting } = compiled.evaluate({ event: viewedEvent(codec, topic, bytes), container }, candidates)
  assert.deepEqual({ matched: matched.map(({ id }) => id), waiting: waiting.map(({ id }) => id) }, expected)
  return { judged: scanned === null ? 'decoded' : 'evaluated', expected }
}

const NOTHING: Verdicts = { matched: [], waiting: [] }

function verdictsOf(evaluator: Evaluator, event: Parameters<Evaluator['evaluate']>[0]): Verdicts {
  const { matched, waiting } = evaluator.evaluate(event)
  return { matched: matched.map(({ id }) => id), waiting: waiting.map(({ id }) => id) }
}
