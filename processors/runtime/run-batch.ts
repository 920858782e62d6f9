// Handles one whole fetched batch: calls the function, waits and retries after retryable errors, bisects down to the record that makes
// it throw, and returns the next offset. Knows neither the function nor the log.
import { isRetryable } from '../../infra/process/errors.js'
import type { BatchResult, OutputRecord, RecordBatch } from '../../infra/topic-log/topic-log.js'
import { backoffMs, type BackoffOptions } from '../../infra/waiting/backoff.js'
import type { Clock } from '../../infra/waiting/clock.js'
import type { AttemptOutcome } from './attempt.js'
import { BatchRange } from './batch-range.js'
import { failureOf, type RecordFailure } from './dead-letter.js'

/** What the policy needs of the runtime. */
export interface BatchRun {
  /** Calls the function on a part of the batch. */
  attempt(range: BatchRange): Promise<AttemptOutcome>
  /** The dead letter of the current record of the batch. */
  deadLetter(failure: RecordFailure): OutputRecord
  /** Called before the wait for a retry. */
  onRetry(error: unknown, attempt: number, waitMs: number): void
  readonly clock: Clock
  readonly backoff: BackoffOptions
  /** Outputs of half as many bytes end the run early: finished records are committed first, and memory stays bounded. */
  readonly maxBatchBytes: number
  /** Of the partition; kept from batch to batch. */
  readonly parts: PartLength
}

/** How many records are handled at once: as many as have outputs that can be appended together. Infinity until there were too many. */
export interface PartLength {
  records: number
}

/** A part of the batch that is to be handled. */
interface Todo {
  readonly range: BatchRange
  /** Number of failed attempts. */
  readonly tries: number
}

/**
 * Handles the batch. Resolves early when `signal` is aborted during a wait: unfinished records are then read again from `nextOffset`.
 * Records are finished from left to right, so `nextOffset` is the lowest unfinished offset.
 */
export async function runBatch(batch: RecordBatch, run: BatchRun, signal: AbortSignal): Promise<BatchResult> {
  const outputs: OutputRecord[] = []
  let outputBytes = 0
  let restMs = 0
  // Waiting parts, leftmost last. At most log2(records) + 1 of them.
  const todos: Todo[] = [{ range: new BatchRange(batch), tries: 0 }]
  for (let next = todos.pop(); next !== undefined; next = todos.pop()) {
    const todo = firstPart(next, run.parts, todos)
    const outcome = await run.attempt(todo.range)
    if (outcome.kind === 'deferred') return { nextOffset: todo.range.offsetAt(todo.range.from), outputs, restMs: outcome.restMs }
    const step = stepAfter(outcome, todo, run)
    outputs.push(...step.outputs)
    outputBytes += bytesOf(step.outputs)
    restMs = Math.max(restMs, step.restMs ?? 0)
    todos.push(...step.todos)
    const following = todos.at(-1)
    if (following === undefined) break
    const isFull = outputs.length > 0 && (step.isFull || outputBytes * 2 >= run.maxBatchBytes)
    if (!isFull && step.retry !== undefined) await wait(step.retry, following, run, signal)
    if (isFull || (signal.aborted && step.retry !== undefined))
      return { nextOffset: following.range.offsetAt(following.range.from), outputs }
  }
  return { nextOffset: batch.lastOffset + 1, outputs, restMs }
}

/** As much of it as is handled at once; the rest is to be done after it. */
function firstPart(todo: Todo, parts: PartLength, todos: Todo[]): Todo {
  if (todo.range.length <= parts.records) return todo
  const [first, rest] = todo.range.split(parts.records)
  todos.push({ range: rest, tries: 0 })
  return { range: first, tries: todo.tries }
}

/** What follows from an attempt. */
interface Step {
  readonly outputs: readonly OutputRecord[]
  /** Leftmost last. */
  readonly todos: readonly Todo[]
  /** Why to wait before the next attempt. */
  readonly retry?: unknown
  readonly restMs?: number
  /** The outputs reached their bound. */
  readonly isFull?: boolean
}

function stepAfter(outcome: Exclude<AttemptOutcome, { kind: 'deferred' }>, { range, tries }: Todo, run: BatchRun): Step {
  if (outcome.kind === 'handled') return afterHandled(outcome, range, tries, run)
  if (outcome.kind === 'full' && range.length > 1) {
    // What it emitted may lack what the function would still emit for the same records: they are handled once more, without the others.
    run.parts.records = Math.max(1, outcome.index - range.from)
    return { outputs: [], todos: [{ range, tries: 0 }], isFull: true }
  }
  if (isRetryable(outcome.error)) return { outputs: [], todos: [{ range, tries: tries + 1 }], retry: outcome.error }
  if (range.length <= 1) return { outputs: [deadLetterAt(range, range.from, outcome.error, tries, run)], todos: [] }
  const [left, right] = range.split(Math.ceil(range.length / 2))
  return {
    outputs: [],
    todos: [
      { range: right, tries: 0 },
      { range: left, tries: 0 },
    ],
  }
}

function afterHandled(outcome: AttemptOutcome & { kind: 'handled' }, range: BatchRange, tries: number, run: BatchRun): Step {
  const letters = [...outcome.failures].map(([index, error]) => deadLetterAt(range, index, error, tries, run))
  const outputs = [...outcome.outputs, ...letters]
  const { restMs } = outcome
  if (range.length >= run.parts.records && bytesOf(outputs) * 2 <= run.maxBatchBytes) run.parts.records *= 2
  if (outcome.finishedTo >= range.to) return { outputs, todos: [], restMs }
  // A record that is now the first of the rest starts its own count of attempts.
  const isSameStart = outcome.finishedTo === range.from
  return { outputs, todos: [{ range: range.startingAt(outcome.finishedTo), tries: isSameStart ? tries + 1 : 1 }], retry: outcome.retryable }
}

function deadLetterAt(range: BatchRange, index: number, error: unknown, tries: number, run: BatchRun): OutputRecord {
  range.moveTo(index)
  return run.deadLetter(failureOf(error, tries + 1))
}

async function wait(error: unknown, { tries }: Todo, run: BatchRun, signal: AbortSignal): Promise<void> {
  const waitMs = backoffMs(tries, run.backoff)
  run.onRetry(error, tries, waitMs)
  await run.clock.sleep(waitMs, signal)
}

function bytesOf(outputs: readonly OutputRecord[]): number {
  return outputs.reduce((sum, output) => sum + output.value.length + output.key.length, 0)
}
