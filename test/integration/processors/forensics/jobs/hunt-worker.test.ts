// Workers of hunts over a real Kafka (state and rows) and a real Redis (queue); the past is in memory, in objects of a few records.
import assert from 'node:assert/strict'
import { changesOf } from '../../../../../assembly/state.js'
import { removeChange, startChange, statusChange } from '../../../../../assembly/hunts.js'
import { topicEnds } from '../../../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../../../infra/kafka/kafka-config.js'
import { KafkaRangeReader } from '../../../../../infra/kafka/range-reader.js'
import { KafkaUnreachableError } from '../../../../../infra/kafka/kafka-errors.js'
import { KafkaTopicLog } from '../../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { Metrics } from '../../../../../infra/process/metrics.js'
import { connectQueueRedis, connectRedis, type QueueConnections } from '../../../../../infra/redis/redis.js'
import type { History } from '../../../../../processors/forensics/history/history.js'
import { HuntQueue } from '../../../../../processors/forensics/jobs/hunt-queue.js'
import { HuntState, type KnownHunt } from '../../../../../processors/forensics/jobs/hunt-state.js'
import { packed, unpacked } from '../../../../../processors/forensics/jobs/packed.js'
import { type HuntAccount, HuntWorker } from '../../../../../processors/forensics/jobs/hunt-worker.js'
import { followState } from '../../../../../processors/state/state-topic.js'
import { Codec } from '../../../../../schemas/codec.js'
import { PastScene } from '../../../../support/forensics/past-scene.js'
import { sampleFileEvent, sampleProcess } from '../../../../support/records/sample-records.js'
import { TWO_RULES } from '../../../../support/records/test-rules.js'
import { freshKafkaTopics } from '../../../../support/services/kafka-log.js'
import { sharedRedis } from '../../../../support/services/services.js'
import { waitFor } from '../../../../support/wait-for.js'

const HOSTS = ['0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11', '1b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e12']
const BY = { author: 'ana@desk-1', reason: 'test' }

/** 200 opens in 20 objects; every tenth is of /etc/shadow. */
function scene(): PastScene {
  const past = new PastScene()
  for (let second = 0; second < 200; second++) {
    const origin = past.origin(second, { hostId: HOSTS[second % 2] ?? '' })
    const path = second % 10 === 0 ? '/etc/shadow' : '/tmp/x'
    past.append('file', sampleFileEvent({ path, origin, process: sampleProcess({ containerId: null, containerClaim: null }) }))
  }
  past.archiveAll('file', 10)
  return past
}

/** What one worker has of its own. */
interface RunningWorker {
  readonly state: HuntState
  readonly topicLog: KafkaTopicLog
  readonly connections: QueueConnections
  stop(): Promise<void>
}

describe('workers of hunts', () => {
  const past = scene()
  const codec = new Codec()
  let kafka: KafkaConfig
  let redisUrl: string
  let opened = 0
  let prefix = ''
  const workers: RunningWorker[] = []
  let runs: string[] = []
  let forgotten: string[] = []

  before(async () => {
    kafka = await freshKafkaTopics({}, 2)
    redisUrl = (await sharedRedis()).address
  })
  beforeEach(() => {
    prefix = `hunt-worker-test:{${String(process.pid)}-${String(opened++)}}`
    runs = []
    forgotten = []
  })
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop()
  })

  async function startWorker(history: History = past.history()): Promise<RunningWorker> {
    const topicLog = new KafkaTopicLog(kafka, SILENT_LOGGER)
    const connections = connectQueueRedis({ url: redisUrl })
    const queue = new HuntQueue(connections, prefix, SILENT_LOGGER)
    const ranges = new KafkaRangeReader(kafka, SILENT_LOGGER)
    const state = new HuntState()
    const ends = (): ReturnType<typeof topicEnds> => topicEnds(kafka, 'state', SILENT_LOGGER)
    const view = await followState(state, { topicLog, codec, log: SILENT_LOGGER, ends })
    const appender = await topicLog.appender(
      () => undefined,
      () => undefined,
    )
    const apply = changesOf(topicLog, codec)
    const worker = new HuntWorker({
      ...{ queue, state, history, ranges, codec, appender, log: SILENT_LOGGER, metrics: new Metrics(), lookMs: 100 },
      end: async (hunt, account) => await apply([statusChange(hunt, 'ended', 'hunt_end', packed(account))], BY),
      start: (saved, run) => Promise.resolve(void runs.push(`${saved.id} ${String(run.request.toMs)}`)),
      forget: (ids) => Promise.resolve(void forgotten.push(...ids)),
    })
    const running = {
      ...{ state, topicLog, connections },
      stop: async () => {
        await worker.stop()
        await view.stop('test')
        await queue.close()
        connections.close()
        await ranges.close()
        await topicLog.close()
      },
    }
    workers.push(running)
    return running
  }

  async function start({ topicLog }: RunningWorker): Promise<string> {
    const id = `${String(opened)}`.padStart(12, 'a')
    await changesOf(topicLog, codec)([startChange(id, await past.plan(TWO_RULES), null, BY.author)], BY)
    return id
  }

  async function ended({ state }: RunningWorker, id: string): Promise<HuntAccount> {
    const hunt = await waitFor('the end of the hunt', () => {
      const known = state.hunts.get(id)
      return known?.status === 'ended' ? known : undefined
    })
    return unpacked(hunt.account ?? assert.fail('it has no account')) as HuntAccount
  }

  const hunted = (worker: RunningWorker, id: string): KnownHunt => worker.state.hunts.get(id) ?? assert.fail('there is no such hunt')

  it('give the rows of the same hunt in one process, each once', async () => {
    const [one] = [await startWorker(), await startWorker()]
    const account = await ended(one, await start(one))
    const { result } = await past.hunt(await past.plan(TWO_RULES))
    assert.deepEqual([account.rows, account.records, account.slicesLeft], [20, 200, 0])
    assert.equal(account.sha256, result.sha256)
  })

  it('go on after Redis was emptied, with the slices that are left', async () => {
    let reads = 0
    const history = past.history()
    const worker = await startWorker({
      plan: (query) => history.plan(query),
      read(slice, options) {
        reads++
        return history.read(slice, options)
      },
      close: () => history.close(),
    })
    const id = await start(worker)
    await waitFor('some slices', () => reads > 6)
    const redis = connectRedis({ url: redisUrl }, SILENT_LOGGER)
    await redis.waitUntilReady(10_000)
    const [keys] = await redis.batch([['KEYS', `${prefix}*`]])
    assert.ok((keys as readonly Buffer[]).length > 0)
    await redis.batch([['DEL', ...(keys as readonly Buffer[])]])
    await redis.close()
    const account = await ended(worker, id)
    const { result } = await past.hunt(await past.plan(TWO_RULES))
    assert.deepEqual([account.rows, account.sha256, account.failed], [20, result.sha256, []])
  })

  it('take no slice of a paused hunt, and none of a cancelled one', async () => {
    const history = past.history()
    let reads = 0
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const worker = await startWorker({
      plan: (query) => history.plan(query),
      async *read(slice, options) {
        if (slice.topic === 'file' && ++reads === 3) await gate
        yield* history.read(slice, options)
      },
      close: () => history.close(),
    })
    const apply = changesOf(worker.topicLog, codec)
    const id = await start(worker)
    await waitFor('the third slice', () => reads === 3)
    await apply([statusChange(hunted(worker, id), 'paused', 'hunt_pause')], BY)
    await waitFor('the pause', () => hunted(worker, id).status === 'paused')
    release()
    const queue = new HuntQueue(worker.connections, prefix, SILENT_LOGGER)
    await waitFor('the third slice to end', async () => (await queue.progress(id))?.ended === 3)
    assert.equal(reads, 3)
    await apply([statusChange(hunted(worker, id), 'running', 'hunt_resume')], BY)
    const account = await ended(worker, id)
    assert.deepEqual([account.rows, reads], [20, 20])
    await queue.close()
  })

  it('start runs of saved hunts by their schedule, until they are removed', async () => {
    const worker = await startWorker()
    const apply = changesOf(worker.topicLog, codec)
    const plan = { spanMs: 60_000, rules: { files: [], matching: 'first' } }
    const hunt = {
      status: 'saved',
      startedUs: 1,
      startedBy: 'ana',
      plan: packed(plan),
      savedAs: null,
      schedule: '* * * * * *',
      account: null,
    } as const
    const saved = { action: 'hunt_save', record: { kind: 'savedHunt', id: 'nightly', hunt }, before: null, after: {} } as const
    await apply([saved], BY)
    await waitFor('two runs', () => new Set(runs).size >= 2)
    // The times of the schedule, not those of the jobs.
    assert.ok(
      runs.every((run) => /^nightly \d+000$/.test(run)),
      runs.join(),
    )
    await apply([removeChange(worker.state.saved.get('nightly') ?? assert.fail('it is not saved'))], BY)
    const queue = new HuntQueue(worker.connections, prefix, SILENT_LOGGER)
    await waitFor('no schedule', async () => (await queue.schedules()).size === 0)
    await queue.close()
  })

  it('try a slice again for as long as it takes, when its place is away', async () => {
    const history = past.history()
    let isAway = true
    let refused = 0
    const worker = await startWorker({
      plan: (query) => history.plan(query),
      read(slice, options) {
        if (!isAway) return history.read(slice, options)
        refused++
        throw new KafkaUnreachableError('the broker is away')
      },
      close: () => history.close(),
    })
    const id = await start(worker)
    await waitFor('more refusals than slices', () => refused > 25)
    isAway = false
    const account = await ended(worker, id)
    assert.deepEqual([account.rows, account.failed], [20, []])
  })

  it('forget hunts that ended long ago', async () => {
    const worker = await startWorker()
    const { record, ...change } = startChange('0123456789ab', await past.plan(TWO_RULES), null, BY.author)
    const hunt = { ...(record.hunt ?? assert.fail('no hunt')), status: 'ended', startedUs: (Date.now() - 31 * 86_400_000) * 1_000 } as const
    await changesOf(worker.topicLog, codec)([{ ...change, record: { ...record, hunt } }], BY)
    await waitFor('its end', () => forgotten.includes('0123456789ab'))
  })

  it('name slices that fail for good, and end all the same', async () => {
    const history = past.history()
    const worker = await startWorker({
      plan: (query) => history.plan(query),
      read(slice, options) {
        if (slice.topic === 'file' && slice.partition === 0 && slice.from === 10) throw new Error('the object is on a broken disk')
        return history.read(slice, options)
      },
      close: () => history.close(),
    })
    const account = await ended(worker, await start(worker))
    assert.deepEqual(
      account.failed.map(({ partition, offsets, reason }) => [partition, offsets, reason]),
      [[0, [10, 20], 'the object is on a broken disk']],
    )
    assert.ok(account.rows < 20)
  })
})
