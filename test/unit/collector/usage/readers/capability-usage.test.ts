import assert from 'node:assert/strict'
import { CAPABILITY_TRACKER, capabilityReader } from '../../../../../collector/usage/readers/capability-usage.js'
import { checkEntry } from '../../../../support/usage/table-bytes.js'
import { usageRound } from '../../../../support/usage/usage-round.js'

describe('usage of capabilities', () => {
  const checks = Buffer.concat([checkEntry({ pid: 4 }, 21, 3n, 0n), checkEntry({ pid: 4 }, 10, 0n, 2n), checkEntry({ pid: 5 }, 63, 1n, 1n)])

  it('is one record per process, its capabilities by name, passed and refused', () => {
    const { records } = capabilityReader().read(usageRound({ checks }))
    assert.deepEqual(
      records.map(({ type, scope, process, calls, capabilities }) => [type, scope, process?.pid, calls, capabilities]),
      [
        [
          ...['capabilities', 'process', 4, 5],
          [
            { name: 'CAP_NET_BIND_SERVICE', number: 10, granted: 0, denied: 2 },
            { name: 'CAP_SYS_ADMIN', number: 21, granted: 3, denied: 0 },
          ],
        ],
        ['capabilities', 'process', 5, 2, [{ name: 'CAP_63', number: 63, granted: 1, denied: 1 }]],
      ],
    )
  })

  it('sums up processes over the limit, and reports counts that found no room', () => {
    const more = Buffer.concat([checks, checkEntry({ pid: 6 }, 10, 0n, 1n)])
    const { records } = capabilityReader().read(usageRound({ checks: more }, { top: 1, overflow: [11] }))
    assert.deepEqual(
      records.map(({ scope, aggregates, calls, capabilities }) => [
        scope,
        aggregates,
        calls,
        capabilities?.map(({ number, granted, denied }) => [number, granted, denied]),
      ]),
      [
        [
          ...['process', null, 5],
          [
            [10, 0, 2],
            [21, 3, 0],
          ],
        ],
        [
          ...['rest', 2, 3],
          [
            [10, 0, 1],
            [63, 1, 1],
          ],
        ],
        ['overflow', null, 11, undefined],
      ],
    )
  })

  it('asks for a table of the size that is set', () => {
    assert.deepEqual(CAPABILITY_TRACKER.entries(1000), { checks: 1000 })
  })
})
