// Process records from the ring to the topic: each field of the schema, for each kind.
import assert from 'node:assert/strict'
import { EXE_KNOWN, EXE_MEMFD, EXE_ROOT_NAMESPACE, EXE_UPPER_LAYER, TEXT } from '../../../../native/generated/layout.js'
import type { ProcessEvent } from '../../../../schemas/generated/types.js'
import { BOOT_ID, COLLECTOR_EPOCH, HOST_ID, KERNEL_EPOCH, OFFSET_US, RecordBench } from '../../../support/records/record-bench.js'
import {
  execRecord,
  execRefusedRecord,
  exitRecord,
  forkRecord,
  openRecord,
  taskRecord,
  type FactsFields,
  type HeaderFields,
} from '../../../support/records/ring-records.js'

const CONTAINER = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

const INIT: Partial<HeaderFields> = { pid: 1, startNs: 1_000_000n }
const SHELL: Partial<HeaderFields> = { pid: 50, startNs: 2_000_000_000n, uid: 1000, gid: 100, euid: 1000, egid: 100 }
const SHELL_FACTS: Partial<FactsFields> = { comm: 'sh', parentPid: 1, parentStartNs: 1_000_000n, exeInode: 7n }

function last(events: readonly ProcessEvent[]): ProcessEvent {
  const event = events.at(-1)
  assert(event !== undefined, 'no event was published')
  return event
}

async function benchWithShell(): Promise<RecordBench> {
  const bench = await RecordBench.open()
  await bench.seed(
    taskRecord(SHELL, SHELL_FACTS, { args: ['sh', '-c', 'cat /etc/shadow'], exePath: '/bin/sh', cwd: '/home/alice' }),
    taskRecord(INIT, { comm: 'systemd', exeInode: 3n }, { args: ['/sbin/init', 'splash'], exePath: '/usr/lib/systemd/systemd' }),
  )
  return bench
}

const CLONE_NEWUSER = 0x1000_0000

describe('process events', () => {
  it('of an exec fill every field of the schema', async () => {
    const bench = await benchWithShell()
    bench.containers.put(9n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: CONTAINER })
    bench.security(
      execRecord(
        {
          pid: 77,
          tid: 77,
          startNs: 3_000_000_999n,
          bootNs: 3_500_000_000n,
          cpu: 2,
          seq: 12n,
          cgroupId: 9n,
          uid: 1000,
          gid: 0,
          euid: 0,
          egid: 5,
        },
        {
          parentPid: 50,
          parentStartNs: 2_000_000_000n,
          comm: 'cat',
          loginUid: 1000,
          sessionId: 49,
          processGroupId: 48,
          namespacePid: 6,
          namespaceProcessGroupId: 5,
          tty: 0x8801,
          capEffective: 0x1ffffffffffn,
          capPermitted: 3n,
          capInheritable: 4n,
          exeInode: 0x1_0000_0000_0001n,
          exeDevice: 0x800002,
          exeCtimeNs: 1_700_000_000_123_456_789n,
          exeMtimeNs: -1_000n,
          exeFlags: EXE_UPPER_LAYER | EXE_MEMFD | EXE_KNOWN | EXE_ROOT_NAMESPACE,
          exeUid: 1000,
          exeMode: 0o100751,
        },
        { args: ['cat', '/etc/shadow', ''], exePath: '/bin/cat', cwd: '/', filename: '/bin/cat' },
      ),
    )
    assert.deepEqual(last(bench.processEvents), {
      type: 'exec',
      syscall: 'execve',
      result: 0,
      process: {
        name: 'cat',
        containerId: CONTAINER,
        containerClaim: CONTAINER,
        isContainerUnknown: false,
        claimUid: 0,
        exePath: '/bin/cat',
        args: ['cat', '/etc/shadow', ''],
        ancestors: [
          { pid: 50, startBootUs: 2_000_000, name: 'sh', exe: 'sh', exePath: '/bin/sh', exeFlags: 0, program: null },
          {
            pid: 1,
            startBootUs: 1_000,
            name: 'systemd',
            exe: '/sbin/init',
            exePath: '/usr/lib/systemd/systemd',
            exeFlags: 0,
            program: null,
          },
        ],
        parentArgs: ['sh', '-c', 'cat /etc/shadow'],
        pid: 77,
        startBootUs: 3_000_000,
        execCount: 1,
        parentPid: 50,
        uid: 1000,
        gid: 0,
        euid: 0,
        egid: 5,
        loginUid: 1000,
        user: 'alice',
        group: 'root',
        loginUser: 'alice',
        tty: 0x8801,
        sessionId: 49,
        processGroupId: 48,
        namespacePid: 6,
        namespaceProcessGroupId: 5,
        parentNamespacePid: null,
        cwd: '/',
        capEffective: 0x1ffffffffff,
        capPermitted: 3,
        capInheritable: 4,
        isExeUpperLayer: true,
        isExeMemfd: true,
        isExeWritable: true,
        isExeLowerLayer: false,
        exeInode: '281474976710657',
        exeDevice: 0x800002,
        exeCtimeUs: 1_700_000_000_123_456,
        exeMtimeUs: -1,
        cgroupId: '9',
        cgroupPath: '/docker/x',
        argsTruncated: false,
        argsRedacted: 0,
        parentArgsRedacted: 0,
        envRedacted: 0,
        argsBytes: 17,
        env: null,
        sessionLeader: null,
        processGroupLeader: null,
        stdin: null,
        stdout: null,
        stderr: null,
        namespaces: null,
        exeSha256: null,
        containerEntry: 'own',
        systemdUnit: null,
        systemdUserUnit: null,
        envTruncated: null,
        exeFlags: 8203,
        exeUid: 1000,
        exeMode: 0o100751,
        program: null,
        exePlace: null,
        cwdPlace: null,
        stdioNetwork: null,
      },
      filename: '/bin/cat',
      cloneFlags: null,
      attemptedArgs: null,
      exitCode: null,
      exitSignal: null,
      coreDumped: null,
      durationUs: null,
      threadId: 77,
      redacted: 0,
      origin: {
        hostId: HOST_ID,
        hostName: 'node-17',
        bootId: BOOT_ID,
        epoch: KERNEL_EPOCH,
        cpu: 2,
        seq: 12,
        bootTimeUs: 3_500_000,
        wallTimeUs: 3_500_000 + OFFSET_US,
      },
      raw: null,
    })
  })

  it('of a snapshot have cpu -1, a sequence of their own and the start of the collector as epoch', async () => {
    const bench = await benchWithShell()
    const [shell, init] = bench.processEvents
    assert.equal(shell?.type, 'snapshot')
    assert.equal(shell.syscall, 'UNKNOWN')
    assert.deepEqual([shell.origin.cpu, shell.origin.seq, shell.origin.epoch], [-1, 1, COLLECTOR_EPOCH])
    assert.equal(init?.origin.seq, 2)
    assert.deepEqual(
      shell.process.ancestors.map(({ name }) => name),
      ['systemd'],
      'also of a parent that was seeded after its child',
    )
  })

  it('of a fork have the child with the arguments, executable and working directory of its parent', async () => {
    const bench = await benchWithShell()
    bench.security(
      forkRecord(
        { pid: 51, startNs: 2_500_000_000n, result: CLONE_NEWUSER },
        { ...SHELL_FACTS, parentPid: 50, parentStartNs: 2_000_000_000n, comm: 'sh' },
      ),
    )
    const { type, syscall, process, cloneFlags, result } = last(bench.processEvents)
    assert.deepEqual([type, syscall, result, cloneFlags], ['fork', 'clone', 0, CLONE_NEWUSER])
    assert.deepEqual([process.args, process.exePath, process.cwd], [['sh', '-c', 'cat /etc/shadow'], '/bin/sh', '/home/alice'])
    assert.deepEqual([process.pid, process.parentPid, process.execCount], [51, 50, 0])
    assert.deepEqual(process.parentArgs, ['sh', '-c', 'cat /etc/shadow'])
  })

  it('of a fork have no arguments when the parent runs another file: with CLONE_PARENT another process forked the child', async () => {
    const bench = await benchWithShell()
    bench.security(forkRecord({ pid: 51, startNs: 9n }, { ...SHELL_FACTS, parentPid: 50, parentStartNs: 2_000_000_000n, exeInode: 8n }))
    const { process } = last(bench.processEvents)
    assert.deepEqual([process.args, process.exePath, process.cwd], [[], null, null])
  })

  it('of a refused exec have the caller, the errno and the attempted program', async () => {
    const bench = await benchWithShell()
    bench.security(execRefusedRecord({ ...SHELL, syscall: 322, result: -13 }, ['nc', '-l'], '/tmp/nc'))
    const { type, syscall, result, process, filename, attemptedArgs } = last(bench.processEvents)
    assert.deepEqual([type, syscall, result, filename, attemptedArgs], ['exec', 'execveat', -13, '/tmp/nc', ['nc', '-l']])
    assert.deepEqual([process.pid, process.name, process.execCount], [50, 'sh', 0])
  })

  for (const [what, code, expected] of [
    ['with a status', 3 << 8, { exitCode: 3, exitSignal: null, coreDumped: false }],
    ['by a signal', 9, { exitCode: null, exitSignal: 9, coreDumped: false }],
    ['by a signal with a core dump', 11 | 0x80, { exitCode: null, exitSignal: 11, coreDumped: true }],
  ] as const) {
    it(`of an exit ${what} have its cause and the lifetime`, async () => {
      const bench = await benchWithShell()
      bench.security(exitRecord({ ...SHELL, bootNs: 2_750_000_000n, syscall: 231 }, code))
      const { type, exitCode, exitSignal, coreDumped, durationUs } = last(bench.processEvents)
      assert.deepEqual({ type, exitCode, exitSignal, coreDumped, durationUs }, { type: 'exit', ...expected, durationUs: 750_000 })
    })
  }

  it('of kernel threads have neither executable nor arguments', async () => {
    const bench = await RecordBench.open()
    await bench.seed(taskRecord({ pid: 2 }, { comm: 'kthreadd', exeInode: 0n, exeDevice: 0 }, { args: [], exePath: '' }))
    const { process } = last(bench.processEvents)
    assert.deepEqual([process.exePath, process.args, process.exeInode, process.exeDevice], [null, [], null, null])
  })

  it('have the full length of cut arguments', async () => {
    const bench = await RecordBench.open()
    bench.security(execRecord({}, {}, { args: Buffer.from('cat\0abc'), argsTotal: 100_000, textFlags: 1 }))
    const { process } = last(bench.processEvents)
    assert.deepEqual([process.args, process.argsTruncated, process.argsBytes], [['cat', 'abc'], true, 100_000])
    assert.equal(bench.context.textFlags.get('argsTruncated'), 1)
    bench.security(execRecord({ seq: 2n }, {}, { args: Buffer.from('cat\0'), argsTotal: 4, textFlags: TEXT.shortened }))
    assert.equal(bench.context.textFlags.get('shortened'), 1)
  })

  it('follow credentials from event to event without a record of their change', async () => {
    const bench = await benchWithShell()
    bench.bulk(openRecord({ ...SHELL }, { path: '/a' }), openRecord({ ...SHELL, euid: 0, seq: 2n }, { path: '/b' }))
    assert.deepEqual(
      bench.fileEvents.map(({ process }) => process.euid),
      [1000, 0],
    )
  })

  it('name the container as soon as a runtime confirms it, and encode the process again only then', async () => {
    const bench = await benchWithShell()
    const open = (seq: bigint): Buffer => openRecord({ ...SHELL, cgroupId: 9n, seq }, { path: '/a' })
    bench.containers.put(9n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: null })
    bench.bulk(open(1n), open(2n))
    const encodings = bench.context.processes.encodings
    bench.containers.put(8n, { path: '/other', claim: null, claimUid: null, containerId: null })
    bench.bulk(open(3n))
    assert.equal(bench.context.processes.encodings, encodings, 'another cgroup became known')
    bench.containers.put(9n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: CONTAINER })
    bench.bulk(open(4n))
    assert.equal(bench.context.processes.encodings, encodings + 1)
    assert.deepEqual(
      bench.fileEvents.map(({ process }) => process.containerId),
      [null, null, null, CONTAINER],
    )
  })

  it('name the cgroup as soon as it is found, without a change of generation', async () => {
    const bench = await RecordBench.open()
    await bench.seed(taskRecord({ ...SHELL, pid: 200 }, {}, {}), taskRecord({ ...SHELL, pid: 201 }, {}, {}))
    const open = (pid: number): Buffer => openRecord({ ...SHELL, pid, cgroupId: 9n }, { path: '/a' })
    bench.bulk(open(200), open(200))
    bench.containers.appear(9n, { path: '/docker/x', claim: CONTAINER, claimUid: 0, containerId: CONTAINER })
    bench.bulk(open(201), open(200))
    assert.deepEqual(
      bench.fileEvents.map(({ process }) => [process.pid, process.cgroupPath, process.containerId]),
      [
        [200, null, null],
        [200, null, null],
        [201, '/docker/x', CONTAINER],
        [200, '/docker/x', CONTAINER],
      ],
    )
  })

  it('query the cgroup of a v1 controller when the header is marked', async () => {
    const bench = await RecordBench.open()
    bench.containers.put(9n, { path: '/v1', claim: null, claimUid: null, containerId: null }, true)
    bench.security(execRecord({ cgroupId: 9n, flags: 1 }, {}))
    assert.equal(last(bench.processEvents).process.cgroupPath, '/v1')
  })
})
