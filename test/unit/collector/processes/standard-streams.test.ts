// Streams shared between equal exec records, and never with a different one.
import assert from 'node:assert/strict'
import { StreamsReader } from '../../../../collector/processes/standard-streams.js'
import { ExecRecord } from '../../../../collector/ring-events/process-records.js'
import { STREAMS, STREAM_FACTS } from '../../../../native/generated/layout.js'

const FACTS = STREAMS * STREAM_FACTS.bytes
const GAP = 5

/** Facts, other texts of the record, and the names of the streams. */
function recordOf(names: string, change: (facts: Uint8Array) => void = () => undefined): [Uint8Array, ExecRecord] {
  const bytes = new Uint8Array(FACTS + GAP + names.length)
  for (let at = 0; at < FACTS; at++) bytes[at] = at % 251
  change(bytes)
  bytes.set(Buffer.from(names), FACTS + GAP)
  return [bytes, Object.assign(new ExecRecord(), { streamsAt: 0, filenameEnd: FACTS + GAP, streamsEnd: bytes.length })]
}

describe('StreamsReader', () => {
  it('returns the same object for records with the same streams, with facts followed by names', () => {
    const reader = new StreamsReader()
    const first = reader.read(...recordOf('/dev/pts/1'))
    assert.equal(reader.read(...recordOf('/dev/pts/1')), first)
    assert.deepEqual([...first.bytes], [...recordOf('')[0].subarray(0, FACTS), ...Buffer.from('/dev/pts/1')])
  })

  it('returns another one for any other byte or length', () => {
    const reader = new StreamsReader()
    const seen = new Set([reader.read(...recordOf('/dev/pts/1'))])
    for (const record of [
      recordOf('/dev/pts/2'),
      recordOf('/dev/pts/1', (facts) => (facts[0] = 255)),
      recordOf('/dev/pts/1', (facts) => (facts[FACTS - 1] = 255)),
      recordOf('/dev/pts/1x'),
      recordOf('/dev/pts/'),
    ]) {
      seen.add(reader.read(...record))
    }
    assert.equal(seen.size, 6)
  })

  it('returns copies that survive overwriting of the ring', () => {
    const reader = new StreamsReader()
    const [bytes, record] = recordOf('/a')
    const streams = reader.read(bytes, record)
    bytes.fill(0)
    assert.equal(Buffer.from(streams.bytes.subarray(FACTS)).toString(), '/a')
  })
})
