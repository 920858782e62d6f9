// Alerts and their stories from topics and archive: the newest first, only the partition of the host, and an account of what was not read.
import assert from 'node:assert/strict'
import { partitionOf } from '../../../../../infra/kafka/partitions.js'
import { TOPIC_KEYS, type TopicKey } from '../../../../../infra/topic-log/topics.js'
import { LoggedHistory } from '../../../../../processors/forensics/history/logged-history.js'
import { PastReader } from '../../../../../processors/forensics/history/past-reader.js'
import { findAlert, readStory, windowAround } from '../../../../../processors/forensics/story/read-story.js'
import { entriesOf } from '../../../../../processors/forensics/story/story-tree.js'
import { Codec } from '../../../../../schemas/codec.js'
import { ArrayRanges, type PastPartition, type PastRecord } from '../../../../support/forensics/array-history.js'
import { HOST_START_US, HostEvents } from '../../../../support/forensics/host-events.js'

const PARTITIONS = 3
const codec = new Codec()

/** Topics with the events of the hosts; the first `removed` records of each partition are gone. */
function pastOf(hosts: readonly HostEvents[], removed = 0, partitionCount = PARTITIONS, aheadMs = 0): PastReader {
  const partitions = new Map<string, PastPartition & { records: PastRecord[]; end: number }>()
  for (const topic of TOPIC_KEYS)
    for (let partition = 0; partition < partitionCount; partition++)
      partitions.set(`${topic}/${String(partition)}`, { topic, partition, first: 0, end: 0, records: [] })
  for (const host of hosts) {
    const partition = partitionOf(Buffer.from(host.hostId), partitionCount)
    for (const { topic, record } of host.events) {
      const place = partitions.get(`${topic}/${String(partition)}`)
      if (place === undefined) continue
      const value = codec.encode(topic as TopicKey, record as never)
      place.records.push({
        offset: place.end++,
        timestampMs: Math.floor(record.origin.wallTimeUs / 1000) - aheadMs,
        key: host.hostId,
        value,
      })
    }
  }
  const kept = [...partitions.values()].map((place) => ({ ...place, first: Math.min(removed, place.end) }))
  const history = new LoggedHistory({ ranges: new ArrayRanges(kept), archive: null, keyOf: () => undefined })
  return new PastReader(history, codec, new AbortController().signal)
}

function twoHosts(): { first: HostEvents; second: HostEvents } {
  const [first, second] = [new HostEvents(), new HostEvents('6f1cf2a4-1111-4222-8333-444455556666')]
  for (const host of [first, second]) {
    const shell = host.spawn(host.init(), 500, '/bin/sh')
    const cat = host.spawn(shell, 501, '/bin/cat', host.hostId)
    host.file(cat, '/etc/shadow')
    host.alert(cat, { alertId: `${host === first ? 'aa' : 'ab'}${'0'.repeat(30)}` })
  }
  return { first, second }
}

describe('reading the story of an alert', () => {
  it('finds an alert by the beginning of its id, and reads only events of its host', async () => {
    const { first, second } = twoHosts()
    const reader = pastOf([first, second])
    const found = await findAlert('ab00', reader, codec, first.nowUs / 1000)
    const { alert } = found
    assert.equal(alert.origin.hostId, second.hostId)
    const story = await readStory(found, windowAround(alert, 60_000, 60_000), reader)
    assert.deepEqual(
      [...entriesOf(story.tree.root)].map(({ entry }) => entry.args),
      ['/sbin/init', '/bin/sh', `/bin/cat ${second.hostId}`],
    )
    assert.deepEqual([story.events, story.missing.missing, story.unread], [5, 0, []])
  })

  it('reads events that came after much later ones of other hosts: their collector was cut off', async () => {
    const { first } = twoHosts()
    const later = new HostEvents('6f1cf2a4-1111-4222-8333-444455556666', undefined, first.nowUs + 7_200_000_000)
    later.file(later.spawn(later.init(), 9, '/bin/x'), '/tmp/x')
    const alert = first.events.find(({ topic }) => topic === 'alerts')
    assert.ok(alert?.topic === 'alerts')
    const story = await readStory(
      { alert: alert.record, aheadMs: 0 },
      windowAround(alert.record, 60_000, 60_000),
      pastOf([later, first], 0, 1),
    )
    assert.deepEqual([story.events, story.unread], [5, []])
  })

  it('finds and reads what a host with a clock that is ahead sent', async () => {
    const { first } = twoHosts()
    const aheadMs = 3_600_000
    const reader = pastOf([first], 0, 1, aheadMs)
    const nowMs = first.nowUs / 1000 - aheadMs - 240_000
    const found = await findAlert('aa00', reader, codec, nowMs)
    assert.equal(found.aheadMs, aheadMs)
    const story = await readStory(found, windowAround(found.alert, 60_000, 60_000), reader)
    assert.equal(story.events, 5)
  })

  it('finds the beginning of an id in all of the past: an old alert with the same one counts', async () => {
    const old = new HostEvents('6f1cf2a4-1111-4222-8333-444455556666', undefined, HOST_START_US - 30 * 86_400_000_000)
    old.alert(old.init(), { alertId: `aa00${'9'.repeat(28)}` })
    const { first } = twoHosts()
    const reader = pastOf([old, first])
    await assert.rejects(findAlert('aa00', reader, codec, first.nowUs / 1000), /several alerts begin with aa00/)
    assert.equal((await findAlert(`aa${'0'.repeat(30)}`, reader, codec, first.nowUs / 1000)).alert.origin.hostId, first.hostId)
    await assert.rejects(findAlert('aa0', reader, codec, first.nowUs / 1000), /at least 4 digits/)
  })

  it('refuses an id that no alert has, or several', async () => {
    const { first, second } = twoHosts()
    const second2 = second.alert(second.spawn(second.init(), 9, '/bin/x'), { alertId: `ab${'1'.repeat(30)}` })
    second.alert(second.init(), { alertId: second2.alertId.replace('111', '112') })
    const reader = pastOf([first, second])
    await assert.rejects(findAlert('ffff', reader, codec, first.nowUs / 1000), /no alert ffff/)
    await assert.rejects(findAlert('ab11', reader, codec, first.nowUs / 1000), /several alerts begin with ab11: ab1/)
    await assert.rejects(findAlert('a%', reader, codec, first.nowUs / 1000), /no alert a%/)
  })

  it('says what retention removed of the window, and only of the partition of the host', async () => {
    const { first, second } = twoHosts()
    const reader = pastOf([first, second], 1)
    const alert = first.events.find(({ topic }) => topic === 'alerts')
    assert.ok(alert?.topic === 'alerts')
    const story = await readStory({ alert: alert.record, aheadMs: 0 }, windowAround(alert.record, 60_000, 60_000), reader)
    const partition = partitionOf(Buffer.from(first.hostId), PARTITIONS)
    assert.deepEqual(
      story.unread.filter((reason) => reason.includes('process')),
      [`1 record of eunomia.process.v1, partition ${String(partition)}, offsets 0 to 0: removed by retention, and not archived`],
    )
    const others = story.unread.filter((reason) => !reason.includes(`partition ${String(partition)}`))
    assert.deepEqual(others, [])
  })
})
