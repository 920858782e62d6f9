import assert from 'node:assert/strict'
import fc from 'fast-check'
import { EunomiaError } from '../../../../infra/process/errors.js'
import type { BatchResult, OutputRecord } from '../../../../infra/topic-log/topic-log.js'
import { Attempt, DEFAULT_OUTPUT_BOUNDS, type OutputBounds } from '../../../../processors/runtime/attempt.js'
import type { BatchRange } from '../../../../processors/runtime/batch-range.js'
import { runBatch, type BatchRun } from '../../../../processors/runtime/run-batch.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'
import { ManualClock } from '../../../support/fakes/manual-clock.js'

class PassingError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
  static override readonly isRetryable = true
}

class PoisonError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RECORD_UNREADABLE'
}

/** What a handler of these tests may do with the record that it is at. */
interface Hand {
  readonly text: string
  readonly pass: number
  emit(text: string): void
  fail(error: unknown): void
}

const outputOf = (text: string): OutputRecord => ({ topic: 'alerts', key: Buffer.from('host'), value: Buffer.from(text), timestampMs: 0 })
const textOf = ({ topic, value }: OutputRecord): string => `${topic === 'deadletter' ? 'dead:' : ''}${Buffer.from(value).toString()}`

/** A run over records of one letter each, with a handler that is called for each record. */
class Scene {
  readonly clock = new ManualClock(0)
  readonly calls: string[] = []
  readonly waits: number[] = []
  readonly stop = new AbortController()
  bounds: OutputBounds = DEFAULT_OUTPUT_BOUNDS
  offsets: number[] = []
  readonly parts = { records: Infinity }

  /** With a handler that emits one output per record in each of its passes. */
  async runInPasses(letters: string, passes: number): Promise<BatchResult> {
    return await this.run(letters, ({ text, pass, emit }) => emit(`${text}${String(pass)}xxxx`), undefined, passes)
  }

  async run(letters: string, perRecord: (hand: Hand) => void, inFront: () => void = () => undefined, passes = 1): Promise<BatchResult> {
    const records = [...letters].map((letter, index) => {
      const offset = this.offsets[index]
      return { value: Buffer.from(letter), ...(offset === undefined ? {} : { offset }) }
    })
    const batch = new ArrayBatch('process', records)
    const run: BatchRun = {
      clock: this.clock,
      backoff: { firstMs: 100, maxMs: 400, random: () => 1 },
      maxBatchBytes: this.bounds.maxBatchBytes ?? DEFAULT_OUTPUT_BOUNDS.maxBatchBytes,
      parts: this.parts,
      attempt: (range) => this.#attempt(range, perRecord, inFront, passes),
      deadLetter: (failure) => {
        const value = Buffer.from(`${Buffer.from(batch.valueBytes).toString()} ${failure.code} ${String(failure.attempts)}`)
        return { topic: 'deadletter', key: Buffer.from('k'), value, timestampMs: 0 }
      },
      onRetry: (_error, _attempt, waitMs) => this.waits.push(waitMs),
    }
    return this.clock.run(runBatch(batch, run, this.stop.signal))
  }

  #attempt(range: BatchRange, perRecord: (hand: Hand) => void, inFront: () => void, passes: number): ReturnType<BatchRun['attempt']> {
    const attempt = new Attempt(range, this.bounds)
    let seen = ''
    return attempt
      .run(() => {
        inFront()
        for (let pass = 0; pass < passes; pass++) {
          range.rewind()
          while (range.next()) {
            const text = Buffer.from(range.batch.valueBytes).toString()
            seen += text
            perRecord({ text, pass, emit: (output) => attempt.emit(outputOf(output)), fail: (error) => attempt.fail(error) })
          }
        }
        return Promise.resolve()
      })
      .finally(() => this.calls.push(seen))
  }
}

describe('run of a batch', () => {
  it('returns all outputs in order and the offset after the last record', async () => {
    const scene = new Scene()
    const result = await scene.run('abc', ({ text, emit }) => emit(text.toUpperCase()))
    assert.deepEqual(result.outputs.map(textOf), ['A', 'B', 'C'])
    assert.equal(result.nextOffset, 103)
    assert.deepEqual(scene.calls, ['abc'])
  })

  it('sends a record that the function fails to the dead letters, at its position among the rest', async () => {
    const scene = new Scene()
    const result = await scene.run('abc', ({ text, emit, fail }) => (text === 'b' ? fail(new PoisonError('no')) : emit(text)))
    assert.deepEqual(result.outputs.map(textOf).sort(), ['a', 'c', 'dead:b EUNOMIA_RECORD_UNREADABLE 1'])
    assert.equal(result.nextOffset, 103)
    assert.deepEqual(scene.calls, ['abc'])
  })

  it('bisects down to the one record that makes the function throw, and handles its neighbours', async () => {
    const scene = new Scene()
    const letters = 'abcdefghijklmnop'
    const result = await scene.run(letters, ({ text, emit }) => {
      if (text === 'k') throw new TypeError('bug')
      emit(text)
    })
    const expected = [...letters].map((letter) => (letter === 'k' ? 'dead:k EUNOMIA_FUNCTION_FAILED 1' : letter))
    assert.deepEqual(result.outputs.map(textOf), expected)
    assert.equal(result.nextOffset, 116)
    // One call of the whole, then two for each of the four halvings.
    assert.equal(scene.calls.length, 9)
  })

  it('completes a batch in which every record makes the function throw', async () => {
    const scene = new Scene()
    const result = await scene.run('abcde', () => {
      throw new PoisonError('no')
    })
    assert.deepEqual(
      result.outputs.map(textOf),
      [...'abcde'].map((letter) => `dead:${letter} EUNOMIA_RECORD_UNREADABLE 1`),
    )
    assert.equal(result.nextOffset, 105)
  })

  it('retries the same records after growing waits while the error is retryable, and drops the outputs of failed attempts', async () => {
    const scene = new Scene()
    let away = 4
    const result = await scene.run('ab', ({ text, emit }) => {
      emit(text)
      if (text === 'b' && away-- > 0) throw new PassingError('away')
    })
    assert.deepEqual(scene.waits, [100, 200, 400, 400])
    assert.deepEqual(result.outputs.map(textOf), ['a', 'b'])
    assert.equal(result.nextOffset, 102)
  })

  it('keeps what is finished before a record that must be retried, and continues there', async () => {
    const scene = new Scene()
    let away = 2
    const result = await scene.run('abcd', ({ text, emit, fail }) => {
      if (text === 'c' && away-- > 0) return fail(new PassingError('away'))
      emit(text)
    })
    assert.deepEqual(scene.calls, ['abcd', 'cd', 'cd'])
    assert.deepEqual(result.outputs.map(textOf), ['a', 'b', 'c', 'd'])
  })

  it('does not write a dead letter twice for a record after the one that is retried', async () => {
    const scene = new Scene()
    let away = 1
    const result = await scene.run('abc', ({ text, emit, fail }) => {
      if (text === 'a' && away-- > 0) return fail(new PassingError('away'))
      if (text === 'c') return fail(new PoisonError('no'))
      emit(text)
    })
    assert.deepEqual(result.outputs.map(textOf), ['a', 'b', 'dead:c EUNOMIA_RECORD_UNREADABLE 2'])
  })

  it('ends a wait on stop, and returns the lowest unfinished offset', async () => {
    const scene = new Scene()
    scene.offsets = [100, 101, 110, 111]
    const result = await scene.run('abcd', ({ text, emit, fail }) => {
      if (text !== 'c') return emit(text)
      scene.stop.abort()
      fail(new PassingError('away'))
    })
    assert.deepEqual(result.outputs.map(textOf), ['a', 'b'])
    assert.equal(result.nextOffset, 110)
  })

  it('finishes the batch without a wait after a stop', async () => {
    const scene = new Scene()
    scene.stop.abort()
    const result = await scene.run('abcd', ({ text, emit }) => {
      if (text === 'b') throw new PoisonError('no')
      emit(text)
    })
    assert.deepEqual(result.outputs.map(textOf), ['a', 'dead:b EUNOMIA_RECORD_UNREADABLE 1', 'c', 'd'])
    assert.equal(result.nextOffset, 104)
  })

  it('commits in parts what exceeds the bound of bytes that are appended together', async () => {
    const scene = new Scene()
    // Each output has 4 bytes of key and 6 of value: four of them fit in 40.
    scene.bounds = { maxRecordBytes: 100, maxBatchBytes: 40 }
    const first = await scene.run('abcdefgh', ({ text, emit }) => emit(text.repeat(6)))
    assert.equal(first.nextOffset, 104)
    assert.equal(first.outputs.length, 4)
  })

  it('evaluates hardly any record of a storm of outputs twice, and takes whole batches again after it', async () => {
    const scene = new Scene()
    scene.bounds = { maxRecordBytes: 100, maxBatchBytes: 40 }
    const letters = Array.from({ length: 200 }, (_, index) => String.fromCharCode(0x4e00 + index)).join('')
    const texts: string[] = []
    let commits = 0
    // As a lane does: what is not finished is passed again, without another fetch.
    for (let done = 0; done < letters.length; commits++) {
      const rest = letters.slice(done)
      const { nextOffset, outputs } = await scene.run(rest, ({ text, emit }) => emit(text.repeat(2)))
      texts.push(...outputs.map(textOf))
      done += nextOffset - 100
    }
    assert.deepEqual(
      texts,
      [...letters].map((letter) => letter.repeat(2)),
    )
    assert.equal(commits, 50)
    const evaluated = scene.calls.reduce((sum, call) => sum + call.length, 0)
    assert.ok(evaluated <= 210, `${String(evaluated)} evaluations of 200 records`)
    scene.calls.length = 0
    for (let batch = 0; batch < 6; batch++) await scene.run(letters.slice(0, 100), () => undefined)
    assert.equal(scene.calls.at(-1)?.length, 100)
  })

  it('loses no output of a function that emits in two passes', async () => {
    const scene = new Scene()
    scene.bounds = { maxRecordBytes: 100, maxBatchBytes: 40 }
    const texts: string[] = []
    for (let done = 0; done < 6;) {
      const { nextOffset, outputs } = await scene.runInPasses('abcdef'.slice(done), 2)
      texts.push(...outputs.map(textOf))
      done += nextOffset - 100
    }
    assert.deepEqual(texts.sort(), [...'abcdef'].flatMap((letter) => [`${letter}0xxxx`, `${letter}1xxxx`]).sort())
  })

  it('sends a record whose output no broker would accept to the dead letters', async () => {
    const scene = new Scene()
    scene.bounds = { maxRecordBytes: 20, maxBatchBytes: 1_000 }
    const result = await scene.run('abc', ({ text, emit }) => emit(text === 'b' ? 'x'.repeat(21) : text))
    assert.deepEqual(result.outputs.map(textOf), ['a', 'dead:b EUNOMIA_FUNCTION_FAILED 1', 'c'])
  })

  it('sends a single record that emits more than a batch may to the dead letters', async () => {
    const scene = new Scene()
    scene.bounds = { maxRecordBytes: 20, maxBatchBytes: 200 }
    const result = await scene.run('ab', ({ text, emit }) => {
      for (let count = 0; count < (text === 'a' ? 30 : 1); count++) emit(text.repeat(6))
    })
    assert.deepEqual(result.outputs.map(textOf), ['dead:a EUNOMIA_FUNCTION_FAILED 1', 'bbbbbb'])
    assert.equal(result.nextOffset, 102)
  })

  it('finishes each record exactly once, in order, whatever mixture of permanent and retryable errors a batch holds', async () => {
    const kinds = fc.constantFrom('good', 'throws', 'fails', 'throws a while', 'fails for a while')
    const mixtures = fc.array(fc.record({ kind: kinds, times: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(mixtures, async (mixture) => {
        const scene = new Scene()
        const left = mixture.map(({ times }) => times)
        const letters = String.fromCharCode(...mixture.map((_, index) => 0x41 + index))
        const result = await scene.run(letters, ({ text, emit, fail }) => {
          const index = text.charCodeAt(0) - 0x41
          const kind = mixture[index]?.kind
          if (kind === 'throws') throw new PoisonError('no')
          if (kind === 'fails') return fail(new PoisonError('no'))
          if (kind !== 'good' && (left[index] ?? 0) > 0) {
            left[index] = (left[index] ?? 0) - 1
            if (kind === 'throws a while') throw new PassingError('away')
            return fail(new PassingError('away'))
          }
          emit(text)
        })
        const isPoison = (letter: string): boolean => ['throws', 'fails'].includes(mixture[letter.charCodeAt(0) - 0x41]?.kind ?? '')
        const texts = result.outputs.map(textOf)
        assert.equal(result.nextOffset, 100 + mixture.length)
        assert.deepEqual(
          texts.filter((text) => !text.startsWith('dead:')),
          [...letters].filter((letter) => !isPoison(letter)),
        )
        assert.deepEqual(
          texts.filter((text) => text.startsWith('dead:')).map((text) => text[5]),
          [...letters].filter(isPoison),
        )
      }),
      { numRuns: 300 },
    )
  })
})
