import assert from 'node:assert/strict'
import type { StatusRow } from '../../../../assembly/delivery-status.js'
import { resultOf } from '../../../../cli/doctor/delivery-check.js'

const ROW: StatusRow = {
  ...{ sink: 'siem', kind: 'webhook', state: 'running', instances: 1, lag: 3, waiting: 0, delayed: 0, dead: 0 },
  ...{ delivered: 100, refused: 0, retried: 0, silenced: 0, elsewhere: 0 },
}

describe('the doctor of a sink', () => {
  const CASES: readonly (readonly [what: string, row: Partial<StatusRow>, status: string, detail: string])[] = [
    ['that works', {}, 'ok', '100 alerts delivered, 3 alerts to go'],
    ['without an instance', { state: 'stopped', lag: 1 }, 'warning', 'no instance delivers to it, 1 alert to go'],
    ['whose receiver is away', { state: 'unavailable' }, 'warning', 'its receiver does not answer, 3 alerts to go'],
    ['whose receiver refused alerts', { dead: 1 }, 'warning', 'its receiver refused 1 batch, 3 alerts to go'],
    ['that is behind', { lag: 20_000 }, 'warning', 'it is behind: 20000 alerts to go'],
    ['without an answer of Kafka', { lag: null }, 'ok', '100 alerts delivered'],
  ]
  for (const [what, row, status, detail] of CASES) {
    it(`reports one ${what}`, () => {
      const result = resultOf({ ...ROW, ...row })
      assert.deepEqual([result.name, result.status, result.detail], ['sink siem (webhook)', status, detail])
      assert.equal(result.fix === null, status === 'ok')
    })
  }
})
