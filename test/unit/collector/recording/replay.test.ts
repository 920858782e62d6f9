// A recording played again: the same events, also where the host answered differently as time went on.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { ContainerEventBody } from '../../../../collector/containers/container-index.js'
import { NO_HOST, type HostKnowledge } from '../../../../collector/mounts/host-paths.js'
import { MountTable } from '../../../../collector/mounts/mount-table.js'
import type { MountInfo } from '../../../../infra/process/mount-info.js'
import { answerFrames, AnswerReader } from '../../../../collector/recording/answer.js'
import { NO_HASHES, type ExecutableHashes } from '../../../../collector/executables/executable-hashes.js'
import { textsOf } from '../../../../collector/processes/process-texts.js'
import type { ProcProcess } from '../../../../collector/processes/proc-reader.js'
import { AnswerRecorder } from '../../../../collector/recording/answer-recorder.js'
import { RecordedSurroundings } from '../../../../collector/recording/recorded-surroundings.js'
import type { Surroundings } from '../../../../collector/recording/surroundings.js'
import { TaskFacts } from '../../../../collector/ring-events/task-facts.js'
import { CaptureInvalidError } from '../../../../collector/source/capture-format.js'
import { CaptureWriter } from '../../../../collector/source/capture-writer.js'
import { RING } from '../../../../collector/source/event-source.js'
import { CaptureSource } from '../../../../collector/source/capture-source.js'
import { TeeSource } from '../../../../collector/source/tee-source.js'
import { SCRIPTED_FACTS, ScriptedSource } from '../../../support/fakes/scripted-source.js'
import { runCollector, type RunningCollector } from '../../../support/load/running-collector.js'
import { HOST_ID } from '../../../support/records/record-bench.js'
import { execRecord, exitRecord, openRecord, ringBytes, taskRecord } from '../../../support/records/ring-records.js'
import { waitFor } from '../../../support/wait-for.js'

const IDENTITY = { hostId: HOST_ID, epochUs: 1_790_000_000_000_000, startedAtUs: 1_790_000_000_000_001 }
const ID = '7f'.repeat(32)
const EXE_INODE = 42
const SHA256 = '0a'.repeat(32)
const NO_END = { onFull: () => assert.fail('full'), onFailure: (error: unknown) => assert.fail(String(error)) }
const OPEN = { path: '/etc/shadow' }

/** A host whose answers a test changes. */
class ChangingHost {
  offsetUs = 1_790_000_000_000_000
  readonly users = new Map([[33, 'www-data']])
  generation = 1
  readonly processes = new Map<number, ProcProcess>()
  readonly hashes = new Map<number, string>()

  readonly around = ({ containers, host }: Surroundings): Surroundings => ({
    host,
    clock: { wallOf: (bootUs) => bootUs + this.offsetUs, bootNow: () => 0, refresh: () => undefined, steps: 0 },
    users: usersOf(this),
    containers,
    hashes: hashesOf(this),
    readProc: (pid) => this.processes.get(pid) ?? null,
  })
}

function hashesOf(host: ChangingHost): ExecutableHashes {
  return {
    ...NO_HASHES,
    get generation() {
      return host.generation
    },
    of: ({ exeInodeLow }) => host.hashes.get(exeInodeLow) ?? null,
  }
}

function usersOf(host: ChangingHost): Surroundings['users'] {
  return {
    get generation() {
      return host.generation
    },
    userName: (uid) => host.users.get(uid) ?? null,
    groupName: () => null,
  }
}

function procProcess(command: string): ProcProcess {
  const facts = new TaskFacts()
  facts.comms = new Uint8Array(32)
  facts.comms.set(Buffer.from(command))
  facts.parentPid = 1
  return { facts, texts: textsOf(Buffer.from(`${command}\0-x\0`), 99, Buffer.from(`/bin/${command}`), null) }
}

const body: ContainerEventBody = {
  type: 'started',
  containerId: ID,
  runtime: 'docker',
  facts: null,
  cgroupId: '7',
  cgroupPath: `/docker/${ID}`,
  initPid: 100,
  exitCode: null,
  isOomKilled: null,
  reason: 'the runtime has not reported them yet',
}

const eventsOf = ({ reader }: RunningCollector): unknown => ({ process: reader.process, file: reader.file })

describe('a recording', () => {
  let folder = ''
  let path = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-recording-'))
    path = join(folder, 'test.capture')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Records what `act` makes the source give. */
  async function record(act: (source: ScriptedSource, host: ChangingHost, running: RunningCollector) => void, maxRemembered?: number) {
    const host = new ChangingHost()
    const scripted = new ScriptedSource(ringBytes([taskRecord({ pid: 50 }, { comm: 'sh' }, { args: ['sh'] })]))
    const answers = new AnswerRecorder(maxRemembered)
    const writer = new CaptureWriter(path, { ...SCRIPTED_FACTS, bootToWallUs: 0, identity: IDENTITY })
    const { epochUs, startedAtUs } = IDENTITY
    const running = await runCollector(
      new TeeSource(scripted, writer, answers, NO_END),
      {},
      {},
      {
        identity: { hostId: HOST_ID, version: '0.1.0-test', epochUs, startedAtUs },
        host: { surroundings: (own) => answers.listenTo(host.around(own)) },
      },
    )
    const publish = (event: ContainerEventBody): void => {
      answers.container(event)
      running.publishContainer(event)
    }
    act(scripted, host, { ...running, publishContainer: publish })
    await running.stop()
    return running
  }

  async function replay(): Promise<RunningCollector> {
    const source = new CaptureSource(path)
    const { surroundings, identity } = source
    if (surroundings === null || identity === null) throw new CaptureInvalidError(path, 0, 'of version 1')
    const { hostId, epochUs, startedAtUs } = identity
    const running = await runCollector(
      source,
      { processTable: { procReads: Infinity } },
      {},
      {
        identity: { hostId, version: '0.1.0-test', epochUs, startedAtUs },
        host: { surroundings: () => surroundings },
      },
    )
    surroundings.onContainer = running.publishContainer
    await running.collector.done
    await waitFor('all is read', () => running.reader.host.some(({ isLast }) => isLast))
    await running.stop()
    return running
  }

  it('replays the same events: with the recorded clock, names, containers and processes', async () => {
    const recorded = await record((source, host, { containers, publishContainer }) => {
      source.give(RING.security, ringBytes([execRecord({ uid: 33 }, { comm: 'nginx' }, { args: ['nginx'] })]))
      source.give(RING.bulk, ringBytes([openRecord({ uid: 33, bootNs: 6_000_000_000n }, OPEN)]))
      // The wall clock steps, the user gets another name, the container is confirmed, all between two events.
      host.offsetUs += 3_600_000_000
      host.users.set(33, 'web')
      host.hashes.set(EXE_INODE, SHA256)
      host.generation++
      containers.put(7n, { path: `/docker/${ID}`, claim: ID, claimUid: 0, containerId: null })
      source.give(RING.bulk, ringBytes([openRecord({ uid: 33, seq: 2n, bootNs: 7_000_000_000n }, OPEN)]))
      containers.put(7n, { path: `/docker/${ID}`, claim: ID, claimUid: 0, containerId: ID })
      publishContainer(body)
      // A process that no record announced is read from /proc; another does not exist any more.
      host.processes.set(200, procProcess('late'))
      source.give(
        RING.bulk,
        ringBytes([
          openRecord({ uid: 33, seq: 3n, bootNs: 8_000_000_000n }, OPEN),
          openRecord({ pid: 200, seq: 4n, bootNs: 8_100_000_000n }, OPEN),
          openRecord({ pid: 201, seq: 5n, bootNs: 8_200_000_000n }, OPEN),
        ]),
      )
      source.give(RING.security, ringBytes([exitRecord({ uid: 33, seq: 2n, bootNs: 9_000_000_000n }, 0)]))
    })
    const played = await replay()
    assert.deepEqual(
      recorded.reader.file.map(({ process }) => [process.user, process.containerId, process.name, process.exeSha256]),
      [
        ['www-data', null, 'nginx', null],
        ['web', null, 'nginx', SHA256],
        ['web', ID, 'nginx', SHA256],
        [null, ID, 'late', null],
        [null, ID, '', null],
      ],
      'the host did change',
    )
    assert.deepEqual(eventsOf(played), eventsOf(recorded))
    const bodies = (running: RunningCollector) => running.reader.container.map(({ origin: _, ...rest }) => rest)
    assert.deepEqual(bodies(played), [body])
    assert.deepEqual(bodies(played), bodies(recorded))
  })

  it('replays the same events when the recorder caches no answers', async () => {
    const recorded = await record((source, _, { containers }) => {
      for (let index = 0; index < 40; index++) {
        containers.put(BigInt(index % 5), { path: `/${String(index)}`, claim: null, claimUid: null, containerId: null })
        const header = { uid: index % 3, cgroupId: BigInt(index % 5), seq: BigInt(index + 1), bootNs: 6_000_000_000n + BigInt(index) }
        source.give(RING.bulk, ringBytes([openRecord(header, OPEN)]))
      }
    }, 1)
    const played = await replay()
    assert.equal(recorded.reader.file.length, 40)
    assert.deepEqual(eventsOf(played), eventsOf(recorded))
  })

  it('is refused or played to its end, but never crashes, wherever bytes were changed or cut', async () => {
    await record((source, host, { containers, publishContainer }) => {
      containers.put(7n, { path: `/docker/${ID}`, claim: ID, claimUid: 0, containerId: ID })
      publishContainer(body)
      host.processes.set(200, procProcess('late'))
      source.give(RING.security, ringBytes([execRecord({ uid: 33 }, { comm: 'nginx' }, { args: ['nginx'] })]))
      source.give(RING.bulk, ringBytes([openRecord({ pid: 200 }, OPEN), openRecord({ uid: 33, seq: 2n }, OPEN)]))
    })
    const good = readFileSync(path)
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 200, max: good.length }),
        async (changes, end) => {
          const bytes = Buffer.from(good)
          for (const [at, byte] of changes) bytes[at] = byte
          writeFileSync(path, bytes.subarray(0, end))
          try {
            await replay()
          } catch (error) {
            assert(error instanceof CaptureInvalidError, String((error as Error).stack))
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('returns what was known of files and mounts of the host at each time, also when the recorder caches nearly nothing', () => {
    const mount = (id: number, mountPoint: string): MountInfo => ({ id, parentId: 1, device: id, root: '/', mountPoint, fsType: 'ext4' })
    const tables = [new MountTable([mount(1, '/')]), new MountTable([mount(1, '/'), mount(2, '/srv')]), null]
    const file = { device: 1, inodeLow: 7, inodeHigh: 0 }
    let step = 0
    const known: HostKnowledge = {
      ...NO_HOST,
      mounts: () => tables[step % 3] ?? null,
      mountsOf: (namespace) => tables[(step + namespace) % 3] ?? null,
      fileOf: ({ inodeLow }) => (inodeLow === 7 && step % 2 === 0 ? '/etc/shadow' : null),
      isOfSystem: (path) => path === `/etc/${String(step % 2)}`,
      hasOverlay: (device) => device === step % 3,
    }
    const ask = (host: HostKnowledge): unknown => [
      host.mounts()?.mounts,
      [5, 6].map((namespace) => host.mountsOf(namespace, 1)?.mounts),
      [file, { ...file, inodeLow: 8 }].map((each) => host.fileOf(each)),
      ['/etc/0', '/etc/1'].map((path) => host.isOfSystem(path)),
      [0, 1, 2].map((device) => host.hasOverlay(device, 0)),
    ]
    for (const maxRemembered of [undefined, 1, 2]) {
      const recorder = new AnswerRecorder(maxRemembered)
      const { host } = recorder.listenTo({ ...new RecordedSurroundings(0), readProc: null, host: known })
      const answered: unknown[] = []
      recorder.beginFrame(() => step)
      for (step = 1; step <= 12; step++) answered.push(ask(host))
      const answers = answerFrames(recorder.take(), 1 << 20).frames.flatMap((frame) => new AnswerReader().read(frame))
      const played = new RecordedSurroundings(0)
      played.beginFrame(answers, () => step)
      for (step = 1; step <= 12; step++) assert.deepEqual(ask(played.host), answered[step - 1], `step ${String(step)}`)
    }
  })

  it('evicts the oldest answers at the bound and counts them', () => {
    const around = new RecordedSurroundings(0, 2)
    const answer = (uid: number) => ({ at: 0, uid, name: `user ${String(uid)}` })
    around.beginFrame([answer(1), answer(2), answer(1), answer(3)], () => 0)
    assert.deepEqual(
      [1, 2, 3].map((uid) => around.users.userName(uid)),
      ['user 1', null, 'user 3'],
    )
    assert.equal(around.forgotten, 1)
  })

  it('returns only answers recorded up to the current record', () => {
    const around = new RecordedSurroundings(0)
    let position = 10
    around.beginFrame(
      [
        { at: 10, uid: 5, name: 'before' },
        { at: 20, uid: 5, name: 'after' },
      ],
      () => position,
    )
    assert.equal(around.users.userName(5), 'before')
    position = 20
    assert.equal(around.users.userName(5), 'after')
    assert.equal(around.users.userName(6), null)
    assert.deepEqual(around.containers.membershipOf(1n, false), { path: null, claim: null, claimUid: null, containerId: null })
  })
})
