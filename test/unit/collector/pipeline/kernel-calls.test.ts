// Kernel calls and changes of files from the ring to the topic: the target, the descriptor and the texts; and malformed records.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FILE_CHANGE_EVENT, KERNEL_CALL_EVENT, KIND } from '../../../../native/generated/layout.js'
import type { FileEvent, KernelEvent } from '../../../../schemas/generated/types.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import { fileChangeRecord, kernelCallRecord, taskRecord } from '../../../support/records/ring-records.js'

const S_IFSOCK = 0o140777
const S_IFIFO = 0o010600
const PATH_UNREACHABLE = 1 << 9
const PATH_IS_BASE = 1 << 13
const PTRACE = 101
const DUP2 = 33
const MOUNT = 165
const RENAME = 82
const BPF = 321
const MKNOD = 133

async function kernelEventOf(...record: Parameters<typeof kernelCallRecord>): Promise<KernelEvent> {
  const bench = await RecordBench.open()
  await bench.seed(taskRecord({}, {}, {}))
  bench.containers.put(99n, { path: '/docker/x', claim: 'ab'.repeat(32), claimUid: 0, containerId: 'ab'.repeat(32) })
  bench.security(kernelCallRecord(...record))
  return bench.kernelEvents[0] ?? assert.fail('no event was published')
}

async function fileEventOf(...record: Parameters<typeof fileChangeRecord>): Promise<FileEvent> {
  const bench = await RecordBench.open()
  await bench.seed(taskRecord({}, {}, {}))
  bench.bulk(fileChangeRecord(...record))
  return bench.fileEvents[0] ?? assert.fail('no event was published')
}

describe('a kernel call', () => {
  it('names its target process, and the container of the target', async () => {
    const event = await kernelEventOf(
      KIND.ptrace,
      { syscall: PTRACE, result: 0 },
      { args: [16n, 7n], targetPid: 4250, targetComm: 'nginx', targetStartNs: 5_000_000n, targetCgroupId: 99n },
    )
    const { type, request, targetPid, targetName, targetStartBootUs, targetContainerId } = event
    assert.deepEqual([type, request, targetPid, targetName, targetStartBootUs], ['ptrace', 16, 4250, 'nginx', 5000])
    assert.equal(targetContainerId, 'ab'.repeat(32))
    assert.deepEqual(event.arguments, ['10', '7', '0', '0', '0', '0'])
  })

  it('has both ends of the socket that a dup copied, an IPv4-mapped address as IPv4', async () => {
    const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7]
    const event = await kernelEventOf(
      KIND.dup,
      { syscall: DUP2 },
      { args: [5n, 0n], family: 10, protocol: 6, remote: mapped, remotePort: 443, descriptorMode: S_IFSOCK, textFlags: PATH_UNREACHABLE },
    )
    const { descriptorType, family, protocol, remoteAddress, remotePort, localAddress, path, fd } = event
    assert.deepEqual([descriptorType, family, protocol, fd, path], ['ipv6', 10, 6, 5, null])
    assert.deepEqual([remoteAddress, remotePort, localAddress], ['192.0.2.7', 443, null])
  })

  for (const [bytes, text] of [
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8:0:1::1'],
    [[0x20, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1], '2001:0:1:0:1:0:1:1'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  ] as const) {
    it(`formats the address ${text} as in RFC 5952`, async () => {
      const event = await kernelEventOf(KIND.dup, { syscall: DUP2 }, { family: 10, remote: bytes, remotePort: 1, descriptorMode: S_IFSOCK })
      assert.equal(event.remoteAddress, text)
    })
  }

  it('has no path for a pipe, and the source of a mount unchanged', async () => {
    const pipe = await kernelEventOf(KIND.dup, { syscall: DUP2 }, { descriptorMode: S_IFIFO, textFlags: PATH_UNREACHABLE })
    assert.deepEqual([pipe.descriptorType, pipe.path, pipe.pathSource], ['pipe', null, 'UNKNOWN'])
    const mount = await kernelEventOf(
      KIND.mount,
      { syscall: MOUNT },
      { path: '/srv', argument: 'data', name: 'tmpfs', source: 'a\xff', options: 'size=1', textFlags: PATH_IS_BASE },
    )
    assert.deepEqual([mount.path, mount.pathArgument, mount.pathSource], ['/srv/data', 'data', 'argument'])
    assert.deepEqual([mount.fsType, mount.name, mount.options], ['tmpfs', null, 'size=1'])
  })
})

describe('a change of a file', () => {
  it('has both paths absolute if their folders are known, with the argument as source', async () => {
    const event = await fileEventOf(
      KIND.rename,
      { syscall: RENAME },
      { path: '/srv', argument: './a/../b', newArgument: '/tmp//c', textFlags: PATH_IS_BASE },
    )
    assert.deepEqual([event.type, event.path, event.newPath, event.pathSource], ['rename', '/srv/b', '/tmp/c', 'argument'])
    assert.deepEqual([event.pathArgument, event.newPathArgument], ['./a/../b', '/tmp//c'])
  })
})

describe('a record of a kernel call or of a change', () => {
  const sound = [
    kernelCallRecord(KIND.mount, { syscall: MOUNT }, { path: '/srv', argument: 'data', name: 'tmpfs', source: 's', options: 'o' }),
    fileChangeRecord(KIND.rename, { syscall: RENAME }, { path: '/srv', argument: 'a', newPath: '/tmp', newArgument: 'b' }),
  ]
  it('that is too short, or whose texts exceed it, is counted as malformed and lost', async () => {
    for (const [record, lengthsAt] of [
      [sound[0], KERNEL_CALL_EVENT.pathLength],
      [sound[1], FILE_CHANGE_EVENT.pathLength],
    ] as const) {
      const bench = await RecordBench.open()
      const long = Buffer.from(record ?? [])
      long.writeUInt32LE(0x7fffffff, lengthsAt)
      const short = (record ?? Buffer.alloc(0)).subarray(0, 100)
      bench.security(long, short)
      assert.equal(bench.pipeline.malformed, 2)
      assert.equal(bench.log.records.length, 0)
    }
  })

  it('never stops the pipeline, whatever its bytes, and every record is handled or malformed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }), async (which, changes) => {
        const record = Buffer.from(sound[which] ?? [])
        // The kind is unchanged: other kinds have their own tests.
        for (const [at, byte] of changes) if (at >= 16 && at < record.length) record[at] = byte
        const bench = await RecordBench.open()
        bench.security(record)
        assert.equal(bench.pipeline.handled + bench.pipeline.malformed, 1)
        assert.equal(bench.kernelEvents.length + bench.fileEvents.length, bench.pipeline.handled)
      }),
      { numRuns: 500 },
    )
  })

  it('with more bits than a field has becomes a decodable event', async () => {
    const event = await kernelEventOf(
      KIND.mknod,
      { syscall: MKNOD },
      { args: [1n, 0xffffffffn, 0xffffffffn], targetPid: 0xffffffff, argument: 'a' },
    )
    assert.deepEqual([event.mode, event.targetPid], [0xffff, null])
    const bpfCall = await kernelEventOf(KIND.bpf, { syscall: BPF }, { args: [5n], numbers: [0xffffffffn], result: 3n })
    assert.deepEqual([bpfCall.programType, bpfCall.newFd], [-1, 3])
  })
})
