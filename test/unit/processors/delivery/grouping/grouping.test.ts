import assert from 'node:assert/strict'
import { Grouping, messageOf, rangesOf } from '../../../../../processors/delivery/grouping/grouping.js'
import type { TakenWindow } from '../../../../../processors/delivery/grouping/group-store.js'
import type { TopicAlert } from '../../../../../processors/delivery/sink.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const inTopic = (offset: number, changes: Partial<Alert> = {}): TopicAlert => {
  const alert = testAlert({ alertId: offset.toString(16).padStart(32, '0'), ...changes })
  return { alert, bytes: Buffer.from(String(offset)), partition: 2, offset }
}

describe('grouping of alerts', () => {
  it('puts alerts of one rule and image together, by default', () => {
    const grouping = new Grouping({})
    const [one, two, ...more] = grouping.groupsOf([inTopic(1), inTopic(2, { ruleId: 'Other' }), inTopic(3), inTopic(5)], 0)
    assert.deepEqual(more, [])
    assert.deepEqual(one?.ranges, [
      [1, 1],
      [3, 3],
      [5, 5],
    ])
    assert.deepEqual(two?.ranges, [[2, 2]])
    assert.equal(two?.mayRepeat, false)
    assert.deepEqual([Buffer.from(one?.first ?? []).toString(), Buffer.from(one?.last ?? []).toString()], ['1', '5'])
    assert.match(one?.groupId ?? '', /^[0-9a-f]{32}$/)
    assert.notEqual(one?.groupId, two?.groupId)
  })

  it('counts alerts of another writer too, whose ids are no hex digits', () => {
    const [group] = new Grouping({}).groupsOf([inTopic(1, { alertId: 'not hex' }), inTopic(2), inTopic(3, { alertId: '' })], 0)
    assert.ok(group !== undefined)
    assert.ok(group.alertIds.every((id) => /^[0-9a-f]{32}$/.test(id)))
    assert.equal(new Set(group.alertIds).size, 3)
  })

  it('groups by what the settings say', () => {
    const other = testAlert({ containerId: 'f'.repeat(64) })
    assert.equal(new Grouping({}).groupIdOf(other), new Grouping({}).groupIdOf(testAlert()))
    const grouping = new Grouping({ by: ['container'] })
    assert.notEqual(grouping.groupIdOf(other), grouping.groupIdOf(testAlert()))
    assert.equal(grouping.groupIdOf(testAlert({ rule: 'x', ruleId: 'x' })), grouping.groupIdOf(testAlert()))
  })

  it('does not take an unknown image for one of that name', () => {
    const grouping = new Grouping({ by: ['image'] })
    const { container } = testAlert()
    assert.ok(container !== null)
    const named = testAlert({ container: { ...container, image: 'null' } })
    assert.notEqual(grouping.groupIdOf(testAlert({ container: null })), grouping.groupIdOf(named))
  })

  it('pauses longer and longer, and then as long as the last time', () => {
    const grouping = new Grouping({ summaries: [10, 60] })
    assert.deepEqual(
      [0, 1, 2, 9].map((sequence) => grouping.pauseMs(sequence)),
      [10_000, 60_000, 60_000, 60_000],
    )
  })

  const window: TakenWindow = {
    groupId: 'a'.repeat(32),
    begunMs: 1,
    sequence: 2,
    count: 3,
    sentBefore: 7,
    firstUs: 5,
    lastUs: 9,
    hosts: ['b', 'a'],
    containers: [],
    rules: ['Rule'],
    hasMoreNames: false,
    ranges: [
      { partition: 4, range: [7, 9] },
      { partition: 0, range: [3, 3] },
      { partition: 4, range: [5, 6] },
      { partition: 4, range: [8, 12] },
    ],
    alert: Buffer.alloc(0),
    mayRepeat: true,
    thread: 't',
  }

  it('merges the offsets of a window', () => {
    assert.deepEqual(rangesOf(window), [
      { partition: 0, ranges: [[3, 3]] },
      { partition: 4, ranges: [[5, 12]] },
    ])
  })

  it('makes a message of a window: its kind, its counts, and an id that is that of its content', () => {
    const message = messageOf(window, testAlert())
    assert.deepEqual([message.kind, message.count, message.total, message.mayRepeat, message.thread], ['summary', 3, 10, true, 't'])
    assert.deepEqual(message.hosts, { count: 2, names: ['a', 'b'], hasMore: false })
    assert.equal(messageOf({ ...window }, testAlert()).id, message.id)
    assert.notEqual(messageOf({ ...window, sequence: 3 }, testAlert()).id, message.id)
    assert.equal(messageOf({ ...window, sequence: 0 }, testAlert()).kind, 'first')
    const quiet = messageOf({ ...window, count: 0, ranges: [], firstUs: Infinity, lastUs: -Infinity }, testAlert())
    assert.deepEqual([quiet.kind, quiet.total, quiet.firstUs], ['resolved', 7, testAlert().origin.wallTimeUs])
  })
})
