// The check of docs/failure-modes.md finds a number that page or source lost, and names that the sources do not have.
import assert from 'node:assert/strict'
import { CONFIG_SCHEMA } from '../../../../../infra/config/config-schema.js'
import { settingsOf, unknownNames, wrongBounds } from '../../../../support/runner/check-failure-modes.js'

const BOUND = { words: 'at most 4,096 pipes', file: 'pipes.ts', code: 'MAX_PIPES = 4096' }

describe('the check of docs/failure-modes.md', () => {
  it('finds a bound that the page or the source does not have', () => {
    const read = (file: string): string | null => (file === 'pipes.ts' ? 'const MAX_PIPES = 4096' : null)
    assert.deepEqual(wrongBounds('at most 4,096 pipes.', [BOUND], read), [])
    assert.equal(wrongBounds('at most 2,048 pipes.', [BOUND], read).length, 1)
    assert.equal(wrongBounds('at most 4,096 pipes.', [BOUND], () => 'const MAX_PIPES = 2048').length, 1)
    assert.equal(wrongBounds('', [BOUND], () => null).length, 2)
  })

  it('finds names and messages that the sources do not have, and settings that do not exist', () => {
    const sources = "counters = { evictedLive: 0, argsFault: 0 }\nlog.warn('the ring is full')"
    const page = '`processes.evictedLive` `the ring is full` `texts.*Fault` `usage.NAME.evictedLive` `collector.pins` `rules.folders=x`'
    const settings = settingsOf(CONFIG_SCHEMA)
    assert.deepEqual(unknownNames(page, `${sources} processes texts usage`, settings), [])
    const wrong = unknownNames(
      '`processes.evicted` `the ring was full` `texts.*Cut` `collector.pinned`',
      `${sources} processes texts`,
      settings,
    )
    assert.equal(wrong.length, 4)
  })
})
