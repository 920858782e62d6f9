import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { OutputRecord } from '../../../../infra/topic-log/topic-log.js'
import { MemoryLog } from '../../../../infra/topic-log/memory-log/memory-log.js'
import { PeopleState } from '../../../../processors/delivery/routing/people-state.js'
import { changeState, followState, type StateChange } from '../../../../processors/state/state-topic.js'
import { Codec } from '../../../../schemas/codec.js'
import type { AuditEvent, StateRecord } from '../../../../schemas/generated/types.js'
import { alertRecord, silenceRecord } from '../../../support/records/state-records.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { waitFor } from '../../../support/wait-for.js'

const codec = new Codec()
const alert = testAlert({ origin: { ...testAlert().origin, wallTimeUs: Date.now() * 1000 } })
const change = (record: StateRecord, changes: Partial<StateChange> = {}): StateChange => ({
  action: 'silence_add',
  record,
  before: null,
  after: { a: 1 },
  hostName: 'desk-1',
  bootId: 'b0b0b0b0-1111-4222-8333-444455556666',
  ...changes,
})

describe('the topic of the state', () => {
  it('follows its topic: all of it before it is used, then what comes', async () => {
    const topicLog = new MemoryLog()
    await changeState([change(silenceRecord()), change(alertRecord('a'), { action: 'alert_close' })], { topicLog, codec })
    const ends = (): Promise<{ partition: number; end: number }[]> =>
      Promise.resolve([
        { partition: 0, end: 2 },
        { partition: 1, end: 0 },
      ])
    const state = new PeopleState()
    const { stop } = await followState(state, { topicLog, codec, log: SILENT_LOGGER, ends })
    assert.equal(state.silences.of(alert)?.id, 's1')
    assert.equal(state.alertState('a')?.state, 'closed')
    await changeState([change(alertRecord('b'))], { topicLog, codec })
    await waitFor('the change', () => state.alertState('b') !== undefined)
    await stop('test')
    await topicLog.close()
  })

  it('continues after a record that it can not read', async () => {
    const topicLog = new MemoryLog()
    const appender = await topicLog.appender(
      () => undefined,
      () => undefined,
    )
    const value = Buffer.from('rubbish')
    appender.append({ topic: 'state', key: Buffer.from('k'), value, valueStart: 0, valueEnd: value.length, timestampMs: 1, mark: 1 })
    await appender.flush()
    await changeState([change(alertRecord('a'))], { topicLog, codec })
    const state = new PeopleState()
    await followState(state, { topicLog, codec, log: SILENT_LOGGER, ends: () => Promise.resolve([{ partition: 0, end: 2 }]) })
    assert.equal(state.invalid, 1)
    assert.equal(state.alertState('a')?.state, 'closed')
    await topicLog.close()
  })

  it('records who changed what, when and why, before the change', async () => {
    const topicLog = new MemoryLog()
    const audits: AuditEvent[] = []
    const order: OutputRecord['topic'][] = []
    await topicLog.consume({
      group: 'test',
      topics: ['audit', 'state'],
      from: 'earliest',
      outputs: [],
      handler: (batch) => {
        while (batch.next()) {
          order.push(batch.topic)
          if (batch.topic === 'audit') audits.push(codec.decode('audit', batch.valueBytes, batch.valueStart, batch.valueEnd))
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    await changeState([change(silenceRecord(), { before: { was: 1 } })], { topicLog, codec })
    await waitFor('both records', () => order.length === 2)
    assert.deepEqual(order, ['audit', 'state'])
    const { action, target, actor, before, after, reason, origin } = audits[0] ?? {}
    assert.deepEqual([action, target, actor, before, after, reason], ['silence_add', 's1', 'ana', '{"was":1}', '{"a":1}', 'migration'])
    assert.deepEqual([origin?.hostName, origin?.cpu, origin?.seq], ['desk-1', -1, 1])
    await topicLog.close()
  })
})
