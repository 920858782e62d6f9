import assert from 'node:assert/strict'
import { ofClock } from '../../../../cli/doctor/host-checks.js'

describe('the clock check of eunomia doctor', () => {
  const TIME = '2026-11-27T18:00:00.000Z'

  it('shows how far the clock is from that of the Kafka brokers, and warns above five seconds', () => {
    for (const [offsetMs, detail, status] of [
      [null, TIME, 'ok'],
      [12, `${TIME}, 12 ms ahead of the Kafka brokers`, 'ok'],
      [-5_000, `${TIME}, 5000 ms behind the Kafka brokers`, 'ok'],
      [-5_001, `${TIME}, 5001 ms behind the Kafka brokers`, 'warning'],
      [86_400_000, `${TIME}, 86400000 ms ahead of the Kafka brokers`, 'warning'],
    ] as const) {
      const { name, fix, ...result } = ofClock(TIME, offsetMs)
      assert.deepEqual(result, { detail, status })
      assert.equal(name, 'clock')
      assert.equal(fix === null, status === 'ok')
    }
  })
})
