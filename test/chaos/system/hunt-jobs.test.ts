// A hunt over an archive by workers that are killed, and a Redis that is killed and then emptied: the rows are those of the same hunt in one process, each
// once. Real Kafka, Redis, objects and processes.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { KafkaRangeReader } from '../../../infra/kafka/range-reader.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import type { LocalService } from '../../../infra/local/local-service.js'
import { startRedis } from '../../../infra/local/redis-service.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { connectQueueRedis } from '../../../infra/redis/redis.js'
import { FolderStore } from '../../../processors/forensics/objects/folder-store.js'
import { HuntQueue } from '../../../processors/forensics/jobs/hunt-queue.js'
import { Codec } from '../../../schemas/codec.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { archiveRanges } from '../../support/forensics/archive-range.js'
import { sampleFileEvent, sampleOrigin, sampleProcess } from '../../support/records/sample-records.js'
import { dose } from '../../support/runner/dose.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { testServiceFolder } from '../../support/services/services.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { TestSystem } from '../../support/system/test-system.js'
import { waitFor } from '../../support/wait-for.js'

const EVENTS = dose(750, 10_000)
const OBJECT_RECORDS = 10
const HOSTS = ['0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11', '1b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e12']
/** Every so many events is a needle. */
const NEEDLE = 25
const CONDITION = 'evt.type in (open, openat, openat2) and fd.name = /etc/shadow'

interface ShownAccount {
  readonly sha256: string
  readonly rows: number
  readonly records: number
  readonly slicesLeft: number
}

describe('a hunt whose workers and Redis are killed', () => {
  const codec = new Codec()
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-hunt-'))
  let kafka: KafkaConfig
  let redis: LocalService
  let redisFolder = ''
  let system: TestSystem

  before(async () => {
    redisFolder = join(await testServiceFolder('hunt-redis'), 'redis')
    redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
    kafka = await freshKafkaTopics({}, 2)
    const environment = { EUNOMIA_ARCHIVE_URL: folder, EUNOMIA_LOG_LEVEL: 'warn' }
    system = new TestSystem({ kafka, redisUrl: redis.address, rules: '', environment })
    await fillArchive()
  })
  after(async () => {
    await system.close()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })

  /** Events of two hosts, archived in objects of a few records. */
  async function fillArchive(): Promise<void> {
    const topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
    const ranges = new KafkaRangeReader(kafka, SILENT_LOGGER)
    const appender = await topicLog.appender(ignore, ignore)
    const process = sampleProcess({ containerId: null, containerClaim: null })
    for (let seq = 0; seq < EVENTS; seq++) {
      const hostId = HOSTS[seq % 2] ?? ''
      const path = seq % NEEDLE === 0 ? '/etc/shadow' : `/tmp/${String(seq)}`
      const origin = sampleOrigin({ seq, hostId, wallTimeUs: Date.now() * 1_000 })
      const value = codec.encode('file', sampleFileEvent({ path, process, origin }))
      const record = { topic: 'file', key: Buffer.from(hostId), value, valueStart: 0, valueEnd: value.length } as const
      if (!appender.append({ ...record, timestampMs: Date.now(), mark: seq + 1 })) await appender.drained()
    }
    await appender.flush()
    const wanted = (await ranges.bounds(['file'])).flatMap(({ partition, end }) =>
      Array.from({ length: Math.ceil(end / OBJECT_RECORDS) }, (_, index) => {
        const from = index * OBJECT_RECORDS
        return { topic: 'file', partition, from, to: Math.min(from + OBJECT_RECORDS, end) } as const
      }),
    )
    await archiveRanges({ ranges, store: await FolderStore.open(folder), topicLog }, wanted)
    await ranges.close()
    await topicLog.close()
  }

  async function output(...args: readonly string[]): Promise<EunomiaProcess> {
    const command = system.start(...args)
    assert.equal(await command.ended(), 0, command.stderr)
    return command
  }

  it('gives the rows of the same hunt in one process, each once', async () => {
    const range = ['--since', '1h', '--until', new Date().toISOString()]
    const here = await output('hunt', CONDITION, ...range, '--workers', '1', '--format', 'json')
    const [line = ''] = here.stderr.split('\n').filter((text) => text.startsWith('{"account"'))
    const { account } = JSON.parse(line) as { account: ShownAccount }
    // Columns of the archive leave out the others.
    assert.deepEqual([account.rows, account.records, account.slicesLeft], [EVENTS / NEEDLE, EVENTS / NEEDLE, 0])

    const connections = connectQueueRedis({ url: redis.address })
    const queue = new HuntQueue(connections, 'eunomia:hunts:{hunts}', SILENT_LOGGER)
    const workers = [system.start('process', 'hunt'), system.start('process', 'hunt')]
    const id = (await output('hunt', CONDITION, ...range, '--detach')).stdout.trim()
    const ended = (): Promise<number> =>
      queue.progress(id).then(
        (progress) => progress?.ended ?? 0,
        () => 0,
      )
    const until = async (slices: number): Promise<void> => {
      let last = 0
      await waitFor(`${String(slices)} slices`, async () => (last = await ended()) >= slices, { progress: () => last, everyMs: 10 })
    }
    await until(3)
    await workers[0]?.kill()
    workers.push(system.start('process', 'hunt'))
    await until(8)
    // Slices must be left when Redis is emptied.
    for (const worker of workers.slice(1)) worker.signal('SIGSTOP')
    await redis.kill9()
    redis = await startRedis({ stateFolder: redisFolder }, SILENT_LOGGER)
    await waitFor('Redis', () => connections.commands.status === 'ready')
    await connections.commands.call('FLUSHALL')
    for (const worker of workers.slice(1)) worker.signal('SIGCONT')
    await until(1)
    await workers[1]?.kill()

    const state = await waitFor(
      'the end of the hunt',
      async () => {
        const shown = JSON.parse((await output('jobs', 'show', id, '--json')).stdout) as { status: string; account: ShownAccount | null }
        return shown.account
      },
      { progress: ended, everyMs: 1_000 },
    )
    assert.deepEqual([state.sha256, state.rows, state.slicesLeft], [account.sha256, EVENTS / NEEDLE, 0])
    const rows = (await output('jobs', 'show', id, '--rows', '--format', 'json')).records<Alert>()
    assert.deepEqual(
      rows.map(({ alertId }) => alertId),
      here.records<Alert>().map(({ alertId }) => alertId),
    )
    await queue.close()
    connections.close()
  })
})

function ignore(): void {
  // Nobody waits for single acknowledgements here.
}
