// Opens from the ring to the topic: intent, path and its source, facts of the file.
import assert from 'node:assert/strict'
import { RING } from '../../../../collector/source/event-source.js'
import type { FileEvent } from '../../../../schemas/generated/types.js'
import { KERNEL_EPOCH, OFFSET_US, RecordBench } from '../../../support/records/record-bench.js'
import {
  execRecord,
  exitRecord,
  openRecord,
  ringBytes,
  taskRecord,
  type HeaderFields,
  type OpenFields,
} from '../../../support/records/ring-records.js'

const O_RDONLY = 0n
const O_WRONLY = 1n
const O_RDWR = 2n
const O_CREAT = 0o100n
const O_TRUNC = 0o1000n
const O_PATH = 0o10000000n
const O_TMPFILE = 0o20200000n
const ENOENT = -2
const PATH_IS_BASE = 1 << 13
const OPEN = 2
const CREAT = 85
const OPENAT2 = 437

async function eventOf(header: Partial<HeaderFields>, open: Partial<OpenFields>): Promise<FileEvent> {
  const bench = await RecordBench.open()
  await bench.seed(taskRecord({}, {}, {}))
  bench.bulk(openRecord(header, open))
  const [event, ...more] = bench.fileEvents
  assert.equal(more.length, 0)
  assert(event !== undefined, 'no event was published')
  return event
}

describe('file events', () => {
  it('of an open have the path of the kernel, the path argument, the inode and the origin', async () => {
    const event = await eventOf(
      { syscall: 257, result: 5, tid: 101, cpu: 3, seq: 9n, bootNs: 6_000_001_999n },
      { path: '/etc/passwd', argument: '../etc/passwd', inode: 12_345_678_901n, device: 0x800001, flags: O_RDONLY },
    )
    const { process: _, ...fields } = event
    assert.deepEqual(fields, {
      type: 'open',
      syscall: 'openat',
      path: '/etc/passwd',
      newPath: null,
      isRead: true,
      isWrite: false,
      isCreate: false,
      isCreated: false,
      result: 5,
      descriptorType: null,
      flags: 0,
      mode: null,
      pathArgument: '../etc/passwd',
      newPathArgument: null,
      linkTarget: null,
      pathSource: 'kernel',
      pathTruncated: false,
      threadId: 101,
      inode: '12345678901',
      device: 0x800001,
      uid: null,
      gid: null,
      fd: null,
      directoryFd: null,
      newDirectoryFd: null,
      resolve: null,
      isUpperLayer: null,
      isLowerLayer: null,
      size: null,
      attribute: null,
      accessTimeUs: null,
      modificationTimeUs: null,
      place: null,
      newPlace: null,
      flagsSource: 'kernel',
      route: 'native',
      origin: {
        hostId: event.origin.hostId,
        hostName: 'node-17',
        bootId: event.origin.bootId,
        epoch: KERNEL_EPOCH,
        cpu: 3,
        seq: 9,
        bootTimeUs: 6_000_001,
        wallTimeUs: 6_000_001 + OFFSET_US,
      },
      raw: null,
    })
  })

  for (const [what, header, open, expected] of [
    ['O_RDONLY', {}, { flags: O_RDONLY }, [true, false, false]],
    ['O_WRONLY', {}, { flags: O_WRONLY }, [false, true, false]],
    ['O_RDWR', {}, { flags: O_RDWR }, [true, true, false]],
    ['O_WRONLY | O_CREAT | O_TRUNC', {}, { flags: O_WRONLY | O_CREAT | O_TRUNC }, [false, true, true]],
    ['O_RDWR | O_TMPFILE', {}, { flags: O_RDWR | O_TMPFILE }, [true, true, true]],
    ['O_PATH, whose descriptor can do neither', {}, { flags: O_PATH }, [false, false, false]],
    ['access mode 3, which is for ioctl only', {}, { flags: 3n }, [false, false, false]],
    ['creat, which has no flags', { syscall: CREAT }, { flags: 0n }, [false, true, true]],
    ['openat2 with unknown high bits', { syscall: OPENAT2 }, { flags: (1n << 63n) | O_RDWR }, [true, true, false]],
  ] as const) {
    it(`have the intent of ${what}`, async () => {
      const { isRead, isWrite, isCreate } = await eventOf(header, { path: '/a', ...open })
      assert.deepEqual([isRead, isWrite, isCreate], expected)
    })
  }

  it('have the requested permission bits if a file may be created, and whether it was', async () => {
    const { mode, isCreated } = await eventOf({}, { path: '/a', flags: O_CREAT | O_WRONLY, mode: 0o100640, openFlags: 1 })
    assert.deepEqual([mode, isCreated], [0o640, true])
    const { mode: noMode } = await eventOf({}, { path: '/a', flags: O_WRONLY, mode: 0o640 })
    assert.equal(noMode, null)
  })

  it('of a failed open have the path argument, and no inode', async () => {
    const event = await eventOf({ result: ENOENT, syscall: OPEN }, { argument: 'no/such' })
    const { path, pathSource, pathArgument, result, inode, device } = event
    assert.deepEqual(
      { path, pathSource, pathArgument, result, inode, device },
      { path: 'no/such', pathSource: 'argument', pathArgument: 'no/such', result: ENOENT, inode: null, device: null },
    )
  })

  for (const [what, open, expected] of [
    ['below the working directory', { path: '/etc', argument: 'shadow' }, '/etc/shadow'],
    ['below the root folder', { path: '/', argument: 'etc/shadow' }, '/etc/shadow'],
    ['with . and .. resolved', { path: '/srv/www', argument: './../../etc/.//shadow' }, '/etc/shadow'],
    ['never above the root', { path: '/a', argument: '../../../etc/shadow' }, '/etc/shadow'],
    ['with unchanged names that begin with dots', { path: '/a', argument: '.../..b/.c' }, '/a/.../..b/.c'],
    ['without a slash at the end', { path: '/a', argument: 'b/' }, '/a/b'],
  ] as const) {
    it(`of a refused relative open have a path ${what}`, async () => {
      const event = await eventOf({ result: ENOENT }, { ...open, textFlags: PATH_IS_BASE })
      assert.deepEqual(
        [event.path, event.pathSource, event.pathArgument, event.pathTruncated, event.inode],
        [expected, 'argument', open.argument, false, null],
      )
    })
  }

  it('of a refused absolute open have its normalized path, and the unchanged argument', async () => {
    const { path, pathArgument } = await eventOf({ result: ENOENT }, { argument: '//etc/x/../shadow' })
    assert.deepEqual([path, pathArgument], ['/etc/shadow', '//etc/x/../shadow'])
    assert.equal((await eventOf({ result: ENOENT }, { argument: '/..' })).path, '/')
  })

  it('of a refused relative open whose folder was cut have the known part, marked as truncated', async () => {
    const { path, pathTruncated } = await eventOf(
      { result: ENOENT },
      { path: 'deep/down', argument: 'file', textFlags: PATH_IS_BASE | (1 << 4) },
    )
    assert.deepEqual([path, pathTruncated], ['deep/down/file', true])
  })

  it('of a refused relative open with invalid UTF-8 have the exact bytes of the whole path', async () => {
    const { path, raw } = await eventOf(
      { result: ENOENT },
      { path: '/etc', argument: Buffer.from('x\xff', 'latin1'), textFlags: PATH_IS_BASE },
    )
    assert.equal(path, '/etc/x\ufffd')
    assert.deepEqual(Buffer.from(raw?.path ?? []), Buffer.from('/etc/x\xff', 'latin1'))
  })

  it('of a failed open whose argument can not be read have no path', async () => {
    const { path, pathSource, pathArgument } = await eventOf({ result: -14 }, { textFlags: 1 << 8 })
    assert.deepEqual([path, pathSource, pathArgument], [null, 'UNKNOWN', null])
  })

  it('of a descriptor that another thread closed have the path argument, and no inode', async () => {
    const event = await eventOf({ result: 4 }, { argument: '/tmp/x', textFlags: 1 << 10 })
    assert.deepEqual([event.path, event.pathSource, event.inode, event.device, event.result], ['/tmp/x', 'argument', null, null, 4])
  })

  it('can be decoded with any flags', async () => {
    const { flags } = await eventOf({ syscall: OPENAT2, result: -22 }, { argument: '/a', flags: (1n << 64n) - 1n })
    assert.equal(flags, 2 ** 52 - 1)
  })

  it('of the root folder have the path "/"', async () => {
    assert.equal((await eventOf({}, { path: '/' })).path, '/')
  })

  it('of a path that was cut have its end, without a leading slash', async () => {
    const event = await eventOf({}, { path: 'deep/down/file', textFlags: 1 << 4 })
    assert.deepEqual([event.path, event.pathTruncated, event.pathSource], ['deep/down/file', true, 'kernel'])
  })

  it('of an argument that was cut are marked only when it is the path', async () => {
    assert.equal((await eventOf({ result: ENOENT }, { argument: '/aaa', textFlags: 1 << 5 })).pathTruncated, true)
    assert.equal((await eventOf({}, { path: '/aaa', argument: '/aa', textFlags: 1 << 5 })).pathTruncated, false)
  })

  it('that waited in their ring for a minute have their process, although it and many others ended', async () => {
    const bench = await RecordBench.open()
    const at = (second: bigint): bigint => second * 1_000_000_000n
    const life = (pid: number, second: bigint): Uint8Array[] => [
      execRecord({ pid, startNs: at(second), bootNs: at(second) }, {}, { args: [`p${String(pid)}`] }),
      exitRecord({ pid, startNs: at(second), bootNs: at(second) + 1n }, 0),
    ]
    bench.feedBytes(RING.security, ringBytes([...life(10, 10n), ...life(20, 20n), ...life(70, 70n)]), true)
    bench.bulk(openRecord({ pid: 10, startNs: at(10n), bootNs: at(10n) }, { path: '/a' }))
    bench.bulk(openRecord({ pid: 20, startNs: at(20n), bootNs: at(20n) }, { path: '/b' }))
    assert.deepEqual(
      bench.fileEvents.map(({ process }) => process.args),
      [['p10'], ['p20']],
    )
    bench.feed(RING.security, life(90, 90n))
    assert.equal(bench.context.table.size, 1, 'ended processes are dropped after all bulk records')
  })

  it('have full 64-bit inode numbers', async () => {
    assert.equal((await eventOf({}, { path: '/a', inode: 0xffff_ffff_ffff_fffen })).inode, '18446744073709551614')
    assert.equal((await eventOf({}, { path: '/a', inode: 4_294_967_295n })).inode, '4294967295')
    assert.equal((await eventOf({}, { path: '/a', inode: 10n })).inode, '10')
    assert.equal((await eventOf({}, { path: '/a', inode: 0n })).inode, '0')
  })
})
