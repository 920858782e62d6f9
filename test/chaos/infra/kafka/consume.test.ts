// Groups whose members die, freeze and lose answers at the worst moment: readers of committed records see each output once.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import type { KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { dose } from '../../../support/runner/dose.js'
import { startProxiedKafka, type ProxiedKafka } from '../../../support/services/own-kafka.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

// API keys of https://kafka.apache.org/protocol#protocol_api_keys
const FETCH = 1
const HEARTBEAT = 12
const SYNC_GROUP = 14
const END_TXN = 26
const TXN_OFFSET_COMMIT = 28

const KILLS = dose(2, 10)

describe('infra/kafka groups under faults', () => {
  let kafka: ProxiedKafka
  const children: ChildProcess[] = []
  const logs: KafkaTopicLog[] = []
  const open = (config: KafkaConfig): KafkaTopicLog => {
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    logs.push(log)
    return log
  }

  before(async () => {
    kafka = await startProxiedKafka()
  })
  afterEach(async () => {
    kafka.proxy.onRequest = () => 'forward'
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await Promise.all(logs.splice(0).map(async (log) => await log.close()))
  })
  after(async () => {
    await kafka.proxy.close()
  })

  function startWorker(config: KafkaConfig, stderr: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
    const script = fileURLToPath(new URL('../../../support/load/group-worker.js', import.meta.url))
    const child = spawn(process.execPath, [script, JSON.stringify(config)], { stdio: ['ignore', 'inherit', stderr] })
    children.push(child)
    return child
  }

  /** Stops a member with SIGSTOP during its next commit, whose request is held back. @returns a function that forwards the request */
  async function freezeInCommit(member: ChildProcess): Promise<() => void> {
    let release: () => void = () => undefined
    let isHeld = false
    kafka.proxy.onRequest = (apiKey) => {
      if (apiKey !== END_TXN || isHeld) return 'forward'
      isHeld = true
      member.kill('SIGSTOP')
      return new Promise<void>((resolve) => (release = resolve))
    }
    await waitFor('a commit to hold back', () => isHeld)
    return () => release()
  }

  /** Puts the numbers `from`..`to` into the topic that the group reads, in many small batches. */
  async function fill(config: KafkaConfig, from: number, to: number): Promise<void> {
    const log = open({ ...config, batchBytes: 8_000 })
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    appendNumbers(publisher, 'process', from, to)
    await log.close()
  }

  /** Adds numbers after `last` until it happened: the group may have read all that was there. @returns the last number */
  async function fillUntil(config: KafkaConfig, what: string, last: number, hasHappened: () => boolean): Promise<number> {
    let end = last
    const fillMore = async (): Promise<boolean> => {
      if (hasHappened()) return true
      await fill(config, end + 1, end + 100)
      end += 100
      return false
    }
    await waitFor(what, fillMore, { everyMs: 500 })
    return end
  }

  /** Cuts the next answer to such a request, and adds numbers after `last` until it came. @returns the last number */
  async function cutWhileFilling(config: KafkaConfig, apiKey: number, bytes: number, last: number): Promise<number> {
    const { cuts } = kafka.proxy
    kafka.proxy.cutNextAnswer(apiKey, bytes)
    return await fillUntil(config, 'the cut', last, () => kafka.proxy.cuts > cuts)
  }

  async function assertOnce(config: KafkaConfig, count: number): Promise<void> {
    const seen = await numbersIn(config, 'alerts', count)
    assert.deepEqual(compareNumbers(seen, count), { missing: 0, repeated: 0, isOrdered: true })
  }

  it('writes outputs once when a member is killed between its outputs and its commit', async () => {
    const config = await kafka.freshTopics(2)
    let last = 0
    let transactions = 0
    let victim: ChildProcess | undefined
    kafka.proxy.onRequest = (apiKey) => {
      // In the third transaction of each victim: everything is sent but the commit.
      if (victim === undefined || apiKey !== END_TXN || ++transactions % 3 !== 0) return 'forward'
      victim.kill('SIGKILL')
      return 'swallow'
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const worker = (victim = startWorker(config))
      last = await fillUntil(config, 'the kill', last, () => worker.signalCode === 'SIGKILL')
    }
    victim = undefined
    startWorker(config)
    await assertOnce(config, last)
  })

  it('fences a member that froze during a commit and wakes up after its partitions moved', async () => {
    const config = await kafka.freshTopics(2)
    await fill(config, 1, 1_000)
    const frozen = startWorker(config)
    const release = await freezeInCommit(frozen)
    startWorker(config)
    // The other member makes the outputs of the frozen one too.
    await assertOnce(config, 1_000)
    frozen.kill('SIGCONT')
    release()
    // It must not commit what it had read; then it works in the group again: all that came since is there once.
    await fill(config, 1_001, 2_000)
    await assertOnce(config, 2_000)
    frozen.kill('SIGTERM')
    await waitFor('its end', () => frozen.exitCode === 0)
    await assertOnce(config, 2_000)
  })

  it('fences an instance that froze during a commit and wakes up after another process has taken its place', async () => {
    const config = { ...(await kafka.freshTopics(1)), instanceId: 'a' }
    await fill(config, 1, 1_000)
    const frozen = startWorker(config, 'ignore')
    const release = await freezeInCommit(frozen)
    startWorker(config)
    await assertOnce(config, 1_000)
    frozen.kill('SIGCONT')
    release()
    await fill(config, 1_001, 2_000)
    await waitFor('its end', () => frozen.exitCode !== null)
    assert.notEqual(frozen.exitCode, 0)
    await assertOnce(config, 2_000)
  })

  it('resolves a commit whose answer was lost, and offsets that were never confirmed', async () => {
    const config = await kafka.freshTopics(2)
    await fill(config, 1, 1_000)
    const log = open(config)
    const retries: string[] = []
    await log.consume({
      group: 'copiers',
      topics: ['process'],
      from: 'earliest',
      maxBatchBytes: 8_000,
      handler: copyToAlerts,
      onRetry: (error) => retries.push((error as Error).name),
    })
    const before = kafka.proxy.cuts
    let last = 1_000
    for (const apiKey of [END_TXN, TXN_OFFSET_COMMIT, END_TXN]) last = await cutWhileFilling(config, apiKey, 2, last)
    assert.equal(kafka.proxy.cuts, before + 3)
    await assertOnce(config, last)
    assert.ok(retries.length >= 1)
  })

  it('stays the same member after a heartbeat whose answer was lost', async () => {
    const config = await kafka.freshTopics(1)
    await fill(config, 1, 100)
    const { cuts } = kafka.proxy
    await open(config).consume({
      group: 'copiers',
      topics: ['process'],
      from: 'earliest',
      handler: async (batch, signal) => {
        if (kafka.proxy.cuts === cuts) {
          kafka.proxy.cutNextAnswer(HEARTBEAT, 0)
          await waitForCount('the cut', () => kafka.proxy.cuts, cuts + 1)
        }
        return await copyToAlerts(batch, signal)
      },
    })
    await waitForCount('the cut', () => kafka.proxy.cuts, cuts + 1)
    await fill(config, 101, 200)
    await assertOnce(config, 200)
  })

  it('joins again when the answer that ends a join was lost', async () => {
    const config = await kafka.freshTopics(2)
    await fill(config, 1, 100)
    const options = { group: 'copiers', topics: ['process'], from: 'earliest', outputs: ['alerts'], handler: copyToAlerts } as const
    await open(config).consume(options)
    await assertOnce(config, 100)
    const { cuts } = kafka.proxy
    kafka.proxy.cutNextAnswer(SYNC_GROUP, 0)
    await open(kafka.directly(config)).consume(options)
    await waitForCount('the cut', () => kafka.proxy.cuts, cuts + 1)
    await fill(config, 101, 300)
    await assertOnce(config, 300)
  })

  it('continues after fetches that were cut in the middle', async () => {
    const config = await kafka.freshTopics(2)
    await fill(config, 1, 2_000)
    const log = open(config)
    const numbers = new Set<number>()
    let handled = 0
    await log.consume({
      group: 'readers',
      topics: ['process'],
      from: 'earliest',
      maxBatchBytes: 8_000,
      handler: (batch) => {
        while (batch.next()) {
          handled++
          numbers.add(Buffer.from(batch.valueBytes).readUInt32BE(batch.valueStart))
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    let last = 2_000
    for (const bytes of [3, 100, 5_000]) last = await cutWhileFilling(config, FETCH, bytes, last)
    await waitForCount('every number', () => numbers.size, last)
    assert.ok(handled >= last)
  })
})
