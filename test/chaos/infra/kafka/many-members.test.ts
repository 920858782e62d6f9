// Three members over 24 partitions that are killed one after the other under load, and one that joins and leaves in good order: readers of
// committed records see each output once, in the order of its host.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { copyToAlerts } from '../../../support/load/copy-to-alerts.js'
import { compareNumbers, NumberedLoad, numbersIn } from '../../../support/load/numbered-load.js'
import { dose } from '../../../support/runner/dose.js'
import { startOwnKafka, type OwnKafka } from '../../../support/services/own-kafka.js'
import { groupLag } from '../../../../infra/kafka/admin.js'
import { waitFor } from '../../../support/wait-for.js'

const PARTITIONS = 24
const KILLS = dose(2, 20)
const PER_SECOND = 500

describe('infra/kafka groups of many members', () => {
  let kafka: OwnKafka
  const children: ChildProcess[] = []

  before(async () => {
    kafka = await startOwnKafka(PARTITIONS)
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await kafka.service.stop()
  })

  function startWorker(): ChildProcess {
    const script = fileURLToPath(new URL('../../../support/load/group-worker.js', import.meta.url))
    const child = spawn(process.execPath, [script, JSON.stringify(kafka.config)], { stdio: ['ignore', 'inherit', 'inherit'] })
    children.push(child)
    return child
  }

  /** Topics that were made a moment ago have no leader in the eyes of every request. */
  const committed = async (): Promise<number> => {
    const lags = await groupLag(kafka.config, 'copiers', ['process'], SILENT_LOGGER).catch(() => [])
    return lags.reduce((sum, lag) => sum + (lag.committed ?? 0), 0)
  }

  it('write each output once while members are killed', async () => {
    const log = new KafkaTopicLog(kafka.config, SILENT_LOGGER)
    const publisher = await log.appender(
      () => undefined,
      () => undefined,
    )
    const load = new NumberedLoad(publisher, 'process', PER_SECOND)
    const workers = [startWorker(), startWorker(), startWorker()]
    for (let kill = 0; kill < KILLS; kill++) {
      const before = await committed()
      await waitFor('progress', async () => (await committed()) > before + PER_SECOND, { everyMs: 200 })
      workers[kill % workers.length]?.kill('SIGKILL')
      workers[kill % workers.length] = startWorker()
    }
    const orderly = await log.consume({ group: 'copiers', topics: ['process'], from: 'earliest', handler: copyToAlerts })
    const before = await committed()
    await waitFor('progress', async () => (await committed()) > before + PER_SECOND, { everyMs: 200 })
    await orderly.stop('for the test')
    load.stop()
    await publisher.flush()
    await log.close()
    const seen = await numbersIn(kafka.config, 'alerts', load.appended)
    assert.deepEqual(compareNumbers(seen, load.appended), { missing: 0, repeated: 0, isOrdered: true })
  })
})
