// Garbage among the events, with the functions as real processes: each piece becomes a dead letter with its reason, and the events around it
// are evaluated as if it did not exist.
import assert from 'node:assert/strict'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { Codec } from '../../../schemas/codec.js'
import { readCluster } from '../../support/system/cluster-records.js'
import { FollowedTopic } from '../../support/system/followed-topic.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { sampleFileEvent, sampleOrigin, sampleProcess, sampleProcessEvent } from '../../support/records/sample-records.js'
import { sharedRedis } from '../../support/services/services.js'
import { TestSystem } from '../../support/system/test-system.js'
import { waitFor } from '../../support/wait-for.js'

const HOST_ID = sampleOrigin().hostId
const RULES = `
- rule: shadow read
  desc: the rule under test
  condition: evt.type in (open, openat, openat2) and fd.name = /etc/shadow
  output: "%proc.cmdline read %fd.name"
  priority: WARNING
- rule: program started
  desc: the rule under test
  condition: evt.type in (execve, execveat) and proc.name = cat
  output: "%proc.cmdline"
  priority: WARNING
`
const NEIGHBOURS = 23
const UNKNOWN_ID = 77_777

interface Poison {
  readonly value: Uint8Array
  /** Code of the reason. */
  readonly code: string
  /** Only its end is wrong: a function that reads the first fields alone has no reason to complain. */
  readonly isWrongAtEnd?: true
}

/** What a topic may contain besides our records. */
function poisonOf(whole: Uint8Array): readonly Poison[] {
  const otherId = Buffer.from(whole)
  otherId.writeUInt32BE(UNKNOWN_ID, 1)
  const longText = Buffer.concat([whole.subarray(0, 5), Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])])
  const code = 'EUNOMIA_RECORD_UNREADABLE'
  return [
    { value: Buffer.alloc(0), code },
    { value: Buffer.from('{"no": "avro"}\n\u001b[2J'), code },
    { value: Buffer.from([1, 0, 0, 0, 0]), code },
    { value: whole.subarray(0, 5), code },
    { value: whole.subarray(0, whole.length - 1), code, isWrongAtEnd: true },
    { value: longText, code },
    { value: otherId, code: 'EUNOMIA_SCHEMA_UNKNOWN' },
  ]
}

/** The piece after the good event of this number, if any. */
function pieceBehind<Piece>(pieces: readonly Piece[], seq: number): readonly Piece[] {
  const at = seq % (pieces.length + 1)
  return pieces.slice(at, at + 1)
}

describe('poison in the topics of events', () => {
  const codec = new Codec()
  let kafka: KafkaConfig
  let system: TestSystem

  before(async () => {
    kafka = await freshKafkaTopics()
    system = new TestSystem({ kafka, redisUrl: (await sharedRedis()).address, rules: RULES })
  })
  after(async () => {
    await system.close()
  })

  /** An event that a rule matches. */
  function goodEvent(topic: 'process' | 'file', seq: number): Uint8Array {
    const origin = sampleOrigin({ seq })
    const process = sampleProcess({ containerId: null, containerClaim: null })
    if (topic === 'process') return codec.encode(topic, sampleProcessEvent({ origin, process }))
    return codec.encode(topic, sampleFileEvent({ origin, process, path: '/etc/shadow' }))
  }

  /** Appends poison between good events. */
  async function fill(): Promise<void> {
    const log = new KafkaTopicLog(kafka, SILENT_LOGGER)
    const appender = await log.appender(
      () => undefined,
      () => undefined,
    )
    let mark = 0
    const put = (topic: TopicKey, value: Uint8Array): void => {
      appender.append({
        topic,
        key: Buffer.from(HOST_ID),
        value,
        valueStart: 0,
        valueEnd: value.length,
        timestampMs: Date.now(),
        mark: ++mark,
      })
    }
    for (const topic of ['process', 'file'] as const) {
      const poison = poisonOf(goodEvent(topic, 1))
      for (let seq = 1; seq <= NEIGHBOURS; seq++) {
        put(topic, goodEvent(topic, seq))
        for (const { value } of pieceBehind(poison, seq)) put(topic, value)
      }
    }
    await appender.flush()
    await log.close()
  }

  it('goes to the dead letters with the reason, and its neighbors are evaluated', async () => {
    const letters = await FollowedTopic.open(kafka, 'deadletter')
    const alerts = await FollowedTopic.open(kafka, 'alerts')
    const functions = await system.functions()
    await fill()
    const pieces = Array.from({ length: NEIGHBOURS }, (_, index) => pieceBehind(poisonOf(goodEvent('file', 1)), index + 1)).flat()
    const expected = [
      ...pieces.filter(({ isWrongAtEnd }) => isWrongAtEnd !== true).map(({ code }) => `membership eunomia.process.v1 ${code}`),
      ...pieces.flatMap(({ code }) => [`detect eunomia.process.v1 ${code}`, `detect eunomia.file.v1 ${code}`]),
    ]
    await waitFor(
      'all dead letters and alerts',
      () => letters.records.length >= expected.length && alerts.records.length >= NEIGHBOURS * 2,
      { progress: () => letters.records.length + alerts.records.length },
    )
    assert.equal(await functions.end('SIGTERM'), 0, functions.stderr)
    await letters.close()
    await alerts.close()

    const records = await readCluster(kafka, HOST_ID, ['alerts', 'deadletter'])
    const actual = records.deadletter.map(({ functionName, topic, errorCode }) => `${functionName} ${topic} ${errorCode}`)
    assert.deepEqual(actual.sort(), expected.sort())
    for (const { errorMessage, key } of records.deadletter) {
      assert.notEqual(errorMessage, '')
      assert.equal(Buffer.from(key ?? []).toString(), HOST_ID)
    }
    const alerted = records.alerts.map(({ rule, origin }) => `${rule} ${String(origin.seq)}`)
    const seqs = Array.from({ length: NEIGHBOURS }, (_, index) => String(index + 1))
    assert.deepEqual(alerted.sort(), ['shadow read', 'program started'].flatMap((rule) => seqs.map((seq) => `${rule} ${seq}`)).sort())
    for (const line of functions.stderr.split('\n').slice(0, -1)) JSON.parse(line)
  })
})
