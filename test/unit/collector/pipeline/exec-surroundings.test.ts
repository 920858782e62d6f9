// The environment of a program from the exec record to the event: standard streams, namespaces, variables.
import { EVENT_HEADER, EXEC_EVENT, KIND, STREAM_FACTS } from '../../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import type { Process } from '../../../../schemas/generated/types.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import { execRecord, exitRecord, forkRecord, type ExecTexts, type StreamFields } from '../../../support/records/ring-records.js'

const [S_IFIFO, S_IFCHR, S_IFREG, S_IFSOCK] = [0o010600, 0o020620, 0o100644, 0o140777]
const [IS_STDIN, IS_STDOUT, NAME_TRUNCATED, UNREACHABLE] = [1, 2, 4, 8]
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16]
const NUMBERS = [4026531832, 4026531836, 4026531833, 4026531837, 4026531838, 4026531839, 4026531835]

async function eventOf(texts: Partial<ExecTexts>) {
  const bench = await RecordBench.open()
  bench.security(execRecord({}, {}, texts))
  const [event, ...more] = bench.processEvents
  assert.equal(more.length, 0)
  assert(event !== undefined, 'no event was published')
  return event
}

const streamsOf = ({ stdin, stdout, stderr }: Process) => [stdin, stdout, stderr]
const stdinOf = async (stream: Partial<StreamFields>) => (await eventOf({ streams: [stream] })).process.stdin

describe('the standard streams of an exec', () => {
  const v4 = { mode: S_IFSOCK, family: AF_INET, local: [10, 1, 2, 3], localPort: 40000 }
  for (const [what, stream, type, name] of [
    ['a file', { mode: S_IFREG, name: '/etc/passwd' }, 'file', '/etc/passwd'],
    ['a terminal', { mode: S_IFCHR, name: '/dev/pts/3' }, 'character_device', '/dev/pts/3'],
    ['a pipe', { mode: S_IFIFO, inode: 0x1_0000_0007n, flags: UNREACHABLE }, 'pipe', 'pipe:[4294967303]'],
    ['a named pipe', { mode: S_IFIFO, name: '/run/fifo' }, 'pipe', '/run/fifo'],
    ['a file outside the root', { mode: S_IFREG, flags: UNREACHABLE, name: '/var/log/x' }, 'file', '/var/log/x'],
    ['a memory file', { mode: S_IFREG, flags: UNREACHABLE, name: 'memfd:notes' }, 'memfd', 'memfd:notes'],
    ['a path that was cut', { mode: S_IFREG, flags: NAME_TRUNCATED, name: '/b/c' }, 'file', 'b/c'],
    ['a connection', { ...v4, remote: [192, 0, 2, 7], remotePort: 4444 }, 'ipv4', '10.1.2.3:40000->192.0.2.7:4444'],
    ['a socket without a peer', v4, 'ipv4', '10.1.2.3:40000'],
    ['a socket without any address', { mode: S_IFSOCK, family: AF_INET6 }, 'ipv6', null],
    ['a unix socket', { mode: S_IFSOCK, family: AF_UNIX, name: '/run/x.sock\0' }, 'unix', '/run/x.sock'],
    ['an abstract unix socket', { mode: S_IFSOCK, family: AF_UNIX, name: '\0agent' }, 'unix', '@agent'],
    ['a unix socket without a name', { mode: S_IFSOCK, family: AF_UNIX }, 'unix', null],
    ['a netlink socket', { mode: S_IFSOCK, family: AF_NETLINK }, 'netlink', null],
  ] as const) {
    it(`lead to ${what}`, async () => {
      assert.deepEqual(await stdinOf(stream), { type, name })
    })
  }

  it('are null if closed, and equal if they share an open file', async () => {
    const connection = { ...v4, remote: [192, 0, 2, 7], remotePort: 4444 }
    const socket = { type: 'ipv4', name: '10.1.2.3:40000->192.0.2.7:4444' }
    const same = { mode: S_IFSOCK, flags: IS_STDIN }
    assert.deepEqual(streamsOf((await eventOf({ streams: [connection, same, same] })).process), [socket, socket, socket])
    const copy = { mode: S_IFREG, flags: IS_STDOUT }
    const file = { type: 'file', name: '/tmp/out' }
    assert.deepEqual(streamsOf((await eventOf({ streams: [{}, { mode: S_IFREG, name: '/tmp/out' }, copy] })).process), [null, file, file])
  })

  it('preserve the bytes of names that are not valid UTF-8', async () => {
    const { process, raw } = await eventOf({ streams: [{}, {}, { mode: S_IFREG, name: Buffer.from('/tmp/\xff', 'latin1') }] })
    assert.equal(process.stderr?.name, '/tmp/\ufffd')
    assert.deepEqual(Buffer.from(raw?.['process.stderr.name'] ?? []), Buffer.from('/tmp/\xff', 'latin1'))
  })

  it('are those of the forking process for a fork, and of the process for its exit', async () => {
    const bench = await RecordBench.open()
    bench.security(
      execRecord({}, {}, { streams: [{ mode: S_IFREG, name: '/etc/motd' }] }),
      forkRecord({ pid: 101, startNs: 6_000_000_000n }, { parentPid: 100, parentStartNs: 1_000_000_000n }),
      exitRecord({}, 0),
    )
    for (const { process } of bench.processEvents) assert.deepEqual(process.stdin, { type: 'file', name: '/etc/motd' })
  })

  it('are others from the moment at which a running program changes them, without an event', async () => {
    const bench = await RecordBench.open()
    const changed = execRecord(
      { bootNs: 7_000_000_000n, seq: 2n },
      {},
      { args: [], streams: [{ ...v4, remote: [192, 0, 2, 7], remotePort: 4444 }] },
    )
    changed.writeUInt16LE(KIND.streams, EVENT_HEADER.kind)
    const before = execRecord(
      { bootNs: 5_000_000_000n },
      {},
      { args: Buffer.from('cat\0'), streams: [{ mode: S_IFREG, name: '/etc/motd' }] },
    )
    bench.security(before, changed, exitRecord({ bootNs: 8_000_000_000n, seq: 3n }, 0))
    assert.deepEqual(
      bench.processEvents.map(({ type, process: { stdin, args } }) => [type, stdin?.type, args]),
      [
        ['exec', 'file', ['cat']],
        ['exit', 'ipv4', ['cat']],
      ],
    )
  })

  it('make a record malformed if their names exceed it', async () => {
    const bench = await RecordBench.open()
    const record = execRecord({}, {}, { streams: [{ mode: S_IFREG, name: '/etc/motd' }] })
    record.writeUInt32LE(0x7fffffff, EXEC_EVENT.streams + STREAM_FACTS.nameLength)
    bench.security(record)
    assert.equal(bench.pipeline.malformed, 1)
    assert.deepEqual(bench.processEvents, [])
  })
})

describe('the namespaces of a process', () => {
  it("are reported by number, with the start of the pid namespace and the parent's pid in it", async () => {
    const { process } = await eventOf({ namespaces: { numbers: NUMBERS, pidStartNs: 5_000_999n, parentNamespacePid: 17 } })
    assert.deepEqual(process.namespaces, {
      mount: 4026531832,
      pid: 4026531836,
      network: 4026531833,
      user: 4026531837,
      uts: 4026531838,
      ipc: 4026531839,
      cgroup: 4026531835,
      pidStartBootUs: 5000,
    })
    assert.equal(process.parentNamespacePid, 17)
  })

  it('are reported for a fork, each process with its own', async () => {
    const bench = await RecordBench.open()
    const other = [...NUMBERS.slice(0, 6), 4026532999]
    bench.security(
      forkRecord({ pid: 101 }, {}, { numbers: NUMBERS, parentNamespacePid: 3 }),
      forkRecord({ pid: 102 }, {}, { numbers: other, parentNamespacePid: 0 }),
      forkRecord({ pid: 103 }, {}, {}),
    )
    const reported = bench.processEvents.map(({ process }) => [process.namespaces?.cgroup ?? null, process.parentNamespacePid])
    assert.deepEqual(reported, [
      [4026531835, 3],
      [4026532999, 0],
      [null, null],
    ])
  })
})

describe('the environment of an exec', () => {
  it('is null if it was not read, and empty if nothing was found', async () => {
    const { process: without } = await eventOf({})
    assert.deepEqual([without.env, without.envTruncated], [null, null])
    const { process: empty } = await eventOf({ environment: [] })
    assert.deepEqual([empty.env, empty.envTruncated], [[], false])
  })

  it('contains its variables, and is marked when truncated', async () => {
    for (const [flags, isTruncated] of [
      [1, false],
      [3, true],
      [5, true],
    ] as const) {
      const { process } = await eventOf({
        environment: ['PATH=/bin', 'EMPTY='],
        environmentFlags: flags,
        streams: [{ mode: S_IFREG, name: '/a' }],
      })
      assert.deepEqual([process.env, process.envTruncated], [['PATH=/bin', 'EMPTY='], isTruncated])
      assert.equal(process.stdin?.name, '/a')
    }
  })

  it('has the bytes of variables that are not valid UTF-8 in raw', async () => {
    const { process, raw } = await eventOf({ environment: [Buffer.from('A=\xff', 'latin1')] })
    assert.deepEqual(process.env, ['A=\ufffd'])
    assert.deepEqual(Buffer.from(raw?.['process.env.0'] ?? []), Buffer.from('A=\xff', 'latin1'))
  })

  it('makes a record malformed if it exceeds it', async () => {
    const bench = await RecordBench.open()
    const record = execRecord({}, {}, { environment: ['A=1'] })
    record.writeUInt32LE(100, EXEC_EVENT.environmentLength)
    bench.security(record)
    assert.equal(bench.pipeline.malformed, 1)
  })
})
