// The whole collector over recorded kernel bytes (a busybox container at work, test/fixtures/captures), and its life: end, failure, drain.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCollector } from '../../../collector/collector.js'
import { CaptureInvalidError } from '../../../collector/source/capture-format.js'
import { LiveSource } from '../../../collector/source/live-source.js'
import { CaptureSource } from '../../../collector/source/capture-source.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { packageRoot } from '../../../infra/process/package-root.js'
import { MemoryLog } from '../../../infra/topic-log/memory-log/memory-log.js'
import type { BatchResult, RecordBatch, TopicLog } from '../../../infra/topic-log/topic-log.js'
import { deferred } from '../../../infra/waiting/waiters.js'
import { Codec } from '../../../schemas/codec.js'
import type { FileEvent, HostEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { FakeContainerIndex } from '../../support/fakes/fake-container-index.js'
import { FakeKernelSession } from '../../support/fakes/fake-kernel-session.js'
import { HeldLog } from '../../support/fakes/held-log.js'
import { HOST_ID } from '../../support/records/record-bench.js'
import { execRecord, openRecord } from '../../support/records/ring-records.js'
import { runCollector, type RunningCollector } from '../../support/load/running-collector.js'
import { waitFor } from '../../support/wait-for.js'

const CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')
const FACTS = { bootId: 'b', hostName: 'h', kernelRelease: 'k', cpus: 1, isLive: false, bootToWallUs: 0 }

describe('collector over a recording', () => {
  let running: RunningCollector
  let events: readonly ProcessEvent[]
  let opens: readonly FileEvent[]
  let last: HostEvent | undefined
  before(async () => {
    running = await runCollector(new CaptureSource(CAPTURE))
    await running.collector.done
    await running.stop()
    events = running.reader.process
    opens = running.reader.file
    last = running.reader.host.at(-1)
  })

  const execOf = (select: (event: ProcessEvent) => boolean): ProcessEvent => {
    const event = events.find((candidate) => candidate.type === 'exec' && select(candidate))
    assert(event !== undefined, 'no such exec')
    return event
  }

  it('ends after the recording, with a last heartbeat whose ledger balances', () => {
    assert.equal(last?.isLast, true)
    for (const { emitted, published, droppedRing, droppedCollector, suppressed } of last.ledger.filter(({ cpu }) => cpu >= 0)) {
      assert.equal(published + droppedRing + droppedCollector + suppressed, emitted)
      assert.equal(droppedCollector, 0)
    }
    assert.equal(last.counters['records.malformed'], 0)
    assert.equal(last.counters['sequence.process.repeated'], 0)
  })

  it('reports in its heartbeat names of users that had no room', async () => {
    const users = { generation: 1, userName: () => null, groupName: () => null, skipped: 3 }
    const other = await runCollector(new CaptureSource(CAPTURE), {}, {}, { host: { users } })
    await other.collector.done
    await other.stop()
    assert.equal(other.reader.host.at(-1)?.counters['users.skipped'], 3)
  })

  it('has the read of /etc/shadow with who did it', () => {
    const open = opens.find(({ path, process }) => path === '/etc/shadow' && process.args[0] === 'cat')
    assert.deepEqual(open?.process.args, ['cat', '/etc/shadow'])
    assert.deepEqual([open?.isRead, open?.isWrite, open?.pathSource, (open?.result ?? -1) >= 0], [true, false, 'kernel', true])
    assert.equal(open?.process.ancestors[0]?.name, 'sh')
  })

  it('has the failed read with its errno and the path as given', () => {
    const open = opens.find(({ pathArgument }) => pathArgument === '/root/.ssh/id_rsa')
    assert.deepEqual([open?.path, open?.pathSource, open?.result, open?.inode], ['/root/.ssh/id_rsa', 'argument', -2, null])
  })

  it('distinguishes a created file from an existing one', () => {
    const made = opens.filter(({ path, isCreate }) => path === '/tmp/new-file' && isCreate)
    assert.deepEqual(
      made.map(({ isCreated, isWrite }) => [isCreated, isWrite]),
      [
        [true, true],
        [false, true],
      ],
    )
  })

  it('has the refused exec with what was attempted', () => {
    const refused = execOf(({ result, filename }) => result < 0 && filename === '/bin/absent')
    assert.deepEqual([refused.result, refused.attemptedArgs], [-2, ['/bin/absent', 'one', 'two']])
  })

  it('has 100 KiB of arguments cut at the bound, with their length', () => {
    const long = execOf(({ process: { argsTruncated } }) => argsTruncated)
    assert(long.process.argsBytes > 102_400)
    assert(long.process.args.reduce((sum, arg) => sum + arg.length + 1, 0) <= 8193)
  })

  it('has arguments with newlines, escapes and wrong UTF-8 whole', () => {
    const hostile = execOf(({ process: { args } }) => args.at(-1) === '"quoted"')
    assert.equal(hostile.process.args[2], 'new\nline \x1b[31mred\x1b[0m \ufffd\ufffd')
    const raw = Buffer.from(hostile.raw?.['process.args.2'] ?? [])
    assert.deepEqual(raw, Buffer.from('new\nline \x1b[31mred\x1b[0m \xff\xfe', 'latin1'))
  })

  it('has executables in memory only, and exits by status and signal', () => {
    assert.equal(execOf(({ process: { isExeMemfd } }) => isExeMemfd).process.name.length > 0, true)
    assert(events.some(({ type, exitCode }) => type === 'exit' && exitCode === 7))
    assert(events.some(({ type, exitSignal }) => type === 'exit' && exitSignal === 9))
  })

  it('has the recorded host and times, and names only root', () => {
    const { hostName, bootId, bootToWallUs } = JSON.parse(readFileSync(CAPTURE, 'latin1').split('\n', 1)[0] ?? '') as Record<
      string,
      unknown
    >
    for (const { origin, process } of events) {
      assert.deepEqual([origin.hostName, origin.bootId], [hostName, bootId])
      assert.equal(origin.wallTimeUs - origin.bootTimeUs, bootToWallUs)
      assert.equal(process.user, process.uid === 0 ? 'root' : null)
    }
  })

  it('produces the same values for the same recording, except for the epoch', async () => {
    const again = await runCollector(new CaptureSource(CAPTURE))
    await again.collector.done
    await again.stop()
    const withoutEpoch = (all: readonly (ProcessEvent | FileEvent)[]): unknown =>
      all.map((event) => ({ ...event, origin: { ...event.origin, epoch: 0 } }))
    assert.deepEqual(withoutEpoch(again.reader.process), withoutEpoch(events))
    assert.deepEqual(withoutEpoch(again.reader.file), withoutEpoch(opens))
  })
})

describe('the life of a collector', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-collector-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('publishes the events of the container tracker, with origin and time', async () => {
    const session = new FakeKernelSession()
    const running = await runCollector(new LiveSource(session, FACTS))
    const body = {
      type: 'started',
      containerId: 'c'.repeat(64),
      runtime: 'docker',
      facts: null,
      cgroupId: '7',
      cgroupPath: '/docker/c',
      initPid: 5,
    } as const
    running.publishContainer({ ...body, exitCode: null, isOomKilled: null, reason: null })
    running.publishContainer({ ...body, type: 'stopped', exitCode: 1, isOomKilled: false, reason: null })
    await running.stop()
    const { container } = running.reader
    assert.deepEqual(
      container.map(({ type, origin: { cpu, seq, hostId } }) => [type, cpu, seq, hostId]),
      [
        ['started', -1, 1, HOST_ID],
        ['stopped', -1, 2, HOST_ID],
      ],
    )
    assert.equal(session.isClosed, true)
  })

  it('fails with the error of a recording that goes wrong on the way, and closes what it opened', async () => {
    const path = join(folder, 'broken.capture')
    writeFileSync(path, Buffer.concat([readFileSync(CAPTURE), Buffer.from([9, 0, 0, 0, 0, 0, 0, 0])]))
    const { collector, reader } = await runCollector(new CaptureSource(path))
    await assert.rejects(collector.done, CaptureInvalidError)
    await waitFor('the events before it', () => reader.process.length > 0)
    await collector.stop('again')
  })

  it('does not start when the log can not be opened, and closes the source', async () => {
    const session = new FakeKernelSession()
    const failing = { appender: () => Promise.reject(new Error('no log')) }
    await assert.rejects(startOver(session, failing as unknown as HeldLog), /no log/)
    assert.equal(session.isClosed, true)
  })

  it('stops within its bound when the log never acknowledges, and reports unacknowledged events as lost', async () => {
    const session = new FakeKernelSession()
    const log = new HeldLog()
    log.flush = () => new Promise(() => undefined)
    session.bulk.commit(openRecord({}, { path: '/a' }))
    const collector = await startOver(session, log, { drainMs: 20 })
    await collector.stop('test')
    await collector.done
    assert.equal(log.records.filter(({ topic }) => topic === 'file').length, 1)
    const codec = new Codec()
    const beats = log.records.filter(({ topic }) => topic === 'host').map(({ value }) => codec.decode('host', value))
    assert.equal(beats.at(-1)?.isLast, true)
    assert.equal(session.bulk.acked, 0, 'nothing unacknowledged is freed')
  })

  it('shares one bound among the steps of a stop', async () => {
    const log = new HeldLog()
    log.flush = () => new Promise(() => undefined)
    const closes: (number | undefined)[] = []
    log.close = (drainMs?: number) => Promise.resolve(void closes.push(drainMs))
    const collector = await startOver(new FakeKernelSession(), log, { drainMs: 600 })
    await collector.stop('test')
    assert.deepEqual(closes, [500], 'flushing used the bound up: the last heartbeat gets half a second')
  })

  it('releases everything when the start fails halfway', async () => {
    const session = new FakeKernelSession()
    session.tasks = () => {
      throw new Error('no iterator')
    }
    const log = new HeldLog()
    let closes = 0
    log.close = () => Promise.resolve(void closes++)
    await assert.rejects(startOver(session, log), /no iterator/)
    assert.deepEqual([closes, session.isClosed], [1, true])
  })

  it('closes the source and rejects when the log fails during the stop', async () => {
    const session = new FakeKernelSession()
    const log = new HeldLog()
    log.close = () => Promise.reject(new Error('no end'))
    const collector = await startOver(session, log)
    await assert.rejects(collector.stop('test'), /no end/)
    await assert.rejects(collector.done, /no end/)
    assert.equal(session.isClosed, true)
  })

  it('stops once, however often stop is called', async () => {
    const collector = await startOver(new FakeKernelSession(), new HeldLog())
    assert.equal(collector.stop('a'), collector.stop('b'))
    await collector.done
  })

  it('continues after the log was full', async () => {
    const session = new FakeKernelSession()
    const log = new HeldLog()
    const collector = await startOver(session, log)
    log.room = log.held + 3
    for (let seq = 1n; seq <= 10n; seq++) session.bulk.commit(openRecord({ seq }, { path: `/${String(seq)}` }))
    session.wake()
    const files = (): number => log.records.filter(({ topic }) => topic === 'file').length
    await waitFor('the log to be full', () => files() === 3)
    log.room = 100
    log.ack()
    await waitFor('the others', () => files() === 10)
    await collector.stop('test')
  })

  it('continues with the events of processes while those of files have no room', async () => {
    const session = new FakeKernelSession()
    const topicLog = new MemoryLog({ topicBytes: 4096 })
    const gate = deferred()
    const count = (topic: 'file' | 'process'): number => topicLog.topic(topic).nextOffset
    for (const topic of ['file', 'process'] as const) {
      const handler = async (batch: RecordBatch): Promise<BatchResult> => {
        if (topic === 'file') await gate.promise
        return { nextOffset: batch.lastOffset + 1, outputs: [] }
      }
      await topicLog.consume({ group: 'test', topics: [topic], from: 'earliest', outputs: [], handler })
    }
    const collector = await startOver(session, topicLog)
    for (let seq = 1n; seq <= 100n; seq++) session.bulk.commit(openRecord({ seq }, { path: `/${String(seq)}` }))
    session.wake()
    await waitFor('the topic of files to be full', () => topicLog.topic('file').isOverBound)
    const held = count('file')
    for (let seq = 1n; seq <= 50n; seq++) session.security.commit(execRecord({ seq }, {}))
    session.wake()
    await waitFor('the execs', () => count('process') === 50)
    assert.equal(count('file'), held)
    gate.resolve()
    await waitFor('the opens', () => count('file') === 100)
    await collector.stop('test')
    await topicLog.close()
  })

  function startOver(session: FakeKernelSession, log: TopicLog, options = {}): ReturnType<typeof startCollector> {
    return startCollector(options, {
      source: new LiveSource(session, FACTS),
      identity: { hostId: HOST_ID, version: 'test' },
      sink: { topicLog: log, codec: new Codec() },
      containers: { index: new FakeContainerIndex(), onEvent: () => () => undefined, count: () => 0 },
      counters: () => ({}),
      log: SILENT_LOGGER,
    })
  }
})
