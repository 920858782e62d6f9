import assert from 'node:assert/strict'
import { partitionOf } from '../../../../../infra/kafka/partitions.js'
import type { AppendRecord } from '../../../../../infra/topic-log/topic-log.js'
import { readSlices, type RowAppender, writeSlice } from '../../../../../processors/forensics/jobs/hunt-rows.js'
import type { HuntMatch } from '../../../../../processors/forensics/hunt/hunt-match.js'
import { Codec } from '../../../../../schemas/codec.js'
import { ArrayRanges } from '../../../../support/forensics/array-history.js'

const codec = new Codec()
const HUNT = '0a1b2c3d4e5f'
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

const ACCOUNT = { records: 0, alerts: 0, unreadable: 0, damaged: [], damagedRecords: 0, factsDamaged: 0, matches: [], matchesLost: 0 }

/** The partition of the rows. */
class Rows implements RowAppender {
  readonly records: Pick<AppendRecord, 'key' | 'value'>[] = []
  append({ key, value }: AppendRecord): boolean {
    this.records.push({ key, value })
    return true
  }
  drained(): Promise<void> {
    return Promise.resolve()
  }
  flush(): Promise<void> {
    return Promise.resolve()
  }
  async read(): Promise<unknown[]> {
    const records = this.records.map(({ key, value }, offset) => ({ offset, timestampMs: 1_000, key: Buffer.from(key).toString(), value }))
    const ranges = new ArrayRanges([
      { topic: 'hunts', partition: partitionOf(Buffer.from(HUNT), 1), first: 0, end: records.length, records },
    ])
    const slices: unknown[] = []
    const { signal } = new AbortController()
    for await (const { slice, alerts, account } of readSlices(HUNT, 1_000, { ranges, codec, signal }))
      slices.push([slice, alerts.map((alert) => [...alert]), account.records.toString(36), account.matches.length])
    return slices
  }
}

describe('rows of hunts', () => {
  const write = async (appender: RowAppender, slice: number, attempt: string, ...alerts: Uint8Array[]): Promise<void> =>
    await writeSlice(
      { huntId: HUNT, slice },
      attempt,
      { alerts, account: { ...ACCOUNT, records: Number.parseInt(attempt, 36) } },
      { appender, codec },
    )

  it('come back by slice, in the order in which slices ended, without those of other hunts', async () => {
    const rows = new Rows()
    await write(rows, 1, 'a', bytes(1, 2), bytes(3))
    await writeSlice({ huntId: 'ffffffffffff', slice: 0 }, 'x', { alerts: [bytes(9)], account: ACCOUNT }, { appender: rows, codec })
    await write(rows, 0, 'b')
    assert.deepEqual(await rows.read(), [
      [1, [[1, 2], [3]], 'a', 0],
      [0, [], 'b', 0],
    ])
  })

  it('count once: of the first attempt that ended whole', async () => {
    const rows = new Rows()
    await write(rows, 0, 'cut', bytes(1), bytes(2))
    // Its worker died before the end, or a row did not arrive.
    rows.records.splice(1, 1)
    await write(rows, 0, 'whole', bytes(1), bytes(2))
    await write(rows, 0, 'late', bytes(1), bytes(2))
    await write(rows, 3, 'open', bytes(5))
    rows.records.pop()
    // A producer sent one again.
    const [first] = rows.records.splice(2, 1)
    if (first !== undefined) rows.records.splice(2, 0, first, first)
    assert.deepEqual(await rows.read(), [[0, [[1], [2]], 'whole', 0]])
  })

  it('bring matches in records of a bounded size', async () => {
    const rows = new Rows()
    const match = { correlation: 'c', member: 0, group: ['g'], value: null, timeUs: 1, tie: 't', id: 'i', above: [], alert: '' }
    const matches = Array.from({ length: 4_500 }, (_, index) => ({ ...match, id: String(index) })) as unknown as HuntMatch[]
    const account = { ...ACCOUNT, matches }
    await writeSlice({ huntId: HUNT, slice: 0 }, 'a', { alerts: [bytes(7)], account }, { appender: rows, codec })
    assert.equal(rows.records.length, 5)
    assert.deepEqual(await rows.read(), [[0, [[7]], '0', 4_500]])
  })
})
