// Every way to open and end a session: nothing may crash or hang, or end the other probes.
import { KIND, LAYOUT_HASH } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { packageRoot } from '../../../infra/process/package-root.js'
import { DEFAULT_KERNEL_KNOBS } from '../../../native/kernel-control.js'
import { ProbeUnavailableError } from '../../../native/requirements.js'
import { openKernelSession } from '../../../native/rings.js'
import { reachableRoot } from '../../support/system/reachable-root.js'
import { drain } from './kernel-records.js'
import { openSession, totalOf, useWatch } from './watch.js'

const CHILD = 'test/e2e/native/session-child.js'
const PROBES = [
  ...[
    'process_fork',
    'process_exec',
    'process_exit',
    'cgroup_made',
    'cgroup_removed',
    'ring_submitted',
    'ring_completed',
    'ring_overflowed',
  ],
  ...['oom_kill', 'syscalls', 'socket_state', 'socket_release', 'tasks'],
]

function runChild(act: string, options: { flags?: string[]; uid?: number } = {}) {
  const spawned = spawnSync(process.execPath, [...(options.flags ?? []), join(reachableRoot(options.uid), CHILD), act], {
    encoding: 'utf8',
    timeout: 30_000,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  return { status: spawned.status, signal: spawned.signal, stderr: spawned.stderr, stdout: spawned.stdout }
}

describe('kernel session', () => {
  const watch = useWatch()

  it('attaches every probe on this machine', () => {
    const session = openSession()
    try {
      assert.deepEqual(
        session.probes,
        PROBES.map((name) => ({ name, isAttached: true, error: null })),
      )
      assert.deepEqual(Object.keys(session.recursionMisses()).sort(), [...PROBES].sort())
      assert.deepEqual(
        session.rings.map((ring) => [ring.name, ring.sizeBytes, ring.bytes.length]),
        [
          ['security', 8 << 20, 16 << 20],
          ['bulk', 16 << 20, 32 << 20],
        ],
      )
    } finally {
      session.close()
    }
  })

  it('makes no memory file, which a collector that runs would report as one of an attack', () => {
    const { result, records } = watch((cgroup) => {
      const act = ['close and exit']
      const text = `echo 0 > ${cgroup.procs}; exec "$@"`
      return spawnSync('/bin/sh', ['-c', text, 'sh', process.execPath, join(packageRoot(), 'dist', CHILD), ...act], { encoding: 'utf8' })
    })
    assert.equal(result.status, 0, result.stderr)
    const kinds = records.map(({ kind }) => kind)
    assert.ok(kinds.includes(KIND.bpf))
    assert.ok(!kinds.includes(KIND.memfd))
  })

  it('can be closed twice, and returns nothing afterwards', () => {
    const session = openSession()
    const [, bulk] = session.rings
    const { bytes } = bulk
    const span = { startOffset: 1, endOffset: 1, endPosition: 1, bytesBehind: 1 }
    session.close()
    session.close()
    assert.equal(bytes.length, 0)
    assert.equal(bytes[0], undefined)
    assert.equal(bulk.poll(span, 1 << 20), 0)
    assert.deepEqual(span, { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 })
    assert.equal(bulk.arm(), true)
    bulk.ack(0)
    session.onWake(() => assert.fail('woken after close'))
    assert.deepEqual(session.counters(), [])
    assert.deepEqual(session.recursionMisses(), {})
    assert.equal(session.tasks().length, 0)
  })

  it('leaves no descriptor, mapping or program open after any number of opens, also when the open fails', async () => {
    const openAndClose = (): void => {
      const session = openSession()
      session.onWake(() => undefined)
      session.close()
      assert.throws(() => openSession({}, '/etc/hostname'), ProbeUnavailableError)
    }
    const held = async (): Promise<readonly [descriptors: number, ringMappings: number]> => {
      await turn() // libuv closes its handles with the next turn of the loop
      return [readdirSync('/proc/self/fd').length, readFileSync('/proc/self/maps', 'utf8').split('bpf-map').length]
    }
    openAndClose() // loads the addon
    const before = await held()
    for (let round = 0; round < 2; round++) openAndClose()
    assert.deepEqual(await held(), before)
  })

  it('stops the events and keeps rings and counters readable when it is detached', () => {
    const session = openSession()
    try {
      readFileSync('/etc/hostname')
      session.detach()
      session.detach()
      const emitted = totalOf(session, 'emitted')
      readFileSync('/etc/hostname')
      assert.equal(totalOf(session, 'emitted'), emitted)
      assert.equal(drain(session.rings[0]).length + drain(session.rings[1]).length, emitted)
      assert.throws(() => session.tasks(), /ENOENT/)
    } finally {
      session.close()
      session.detach()
    }
  })

  for (const act of ['exit with open probes', 'end with open probes', 'close and exit', 'close while woken']) {
    it(`lets a process ${act}`, () => {
      assert.deepEqual(runChild(act), { status: 0, signal: null, stderr: '', stdout: '' })
    })
  }

  it('lets a process die of an exception with open probes', () => {
    const { status, signal, stderr } = runChild('throw with open probes')
    assert.deepEqual([status, signal], [1, null])
    assert.match(stderr, /on purpose/)
  })

  it('survives garbage collection: open while its bytes may be read, closed without them', () => {
    assert.deepEqual(runChild('forget and collect garbage', { flags: ['--expose-gc'] }), {
      status: 0,
      signal: null,
      stderr: '',
      stdout: '',
    })
  })

  it('attaches every probe also under a profiler, whose signals come faster than a program is verified', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-profiled-'))
    try {
      const flags = ['--prof', '--prof-sampling-interval=200', '--no-logfile-per-isolate', `--logfile=${join(folder, 'log')}`]
      assert.deepEqual(runChild('report probes that are not attached', { flags }), { status: 0, signal: null, stderr: '', stdout: '' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('leaves out a probe without a hook and one that the verifier refuses, names them, and attaches the others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-bad-probes-'))
    const [part, object] = [join(folder, 'bad.o'), join(folder, 'all.bpf.o')]
    try {
      const source = join(packageRoot(), 'test/workloads/bad-probes.bpf.c')
      const include = `-I/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
      for (const [tool, ...args] of [
        ['clang-19', '-g', '-O2', '-target', 'bpf', include, '-c', source, '-o', part],
        ['/usr/sbin/bpftool', 'gen', 'object', object, join(packageRoot(), 'bpf/build/eunomia.bpf.o'), part],
      ] as [string, ...string[]][]) {
        const built = spawnSync(tool, args, { encoding: 'utf8' })
        assert.equal(built.status, 0, built.stderr)
      }
      const session = openSession({}, object)
      try {
        const bad = new Map(session.probes.filter((probe) => !probe.isAttached).map((probe) => [probe.name, probe.error]))
        assert.deepEqual([...bad.keys()].sort(), ['bad_access', 'bad_hook'])
        assert.match(bad.get('bad_hook') ?? '', /^ESRCH: this kernel doesn't have the hook/)
        assert.match(bad.get('bad_access') ?? '', /^E[A-Z]+: .*\(.*100000000.*\)$/)
        spawnSync('/bin/true')
        assert(drain(session.rings[0]).some((record) => record.kind === KIND.exec))
      } finally {
        session.close()
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('names the missing file when the programs are not built', () => {
    assert.throws(
      () => openKernelSession(DEFAULT_KERNEL_KNOBS, { objectPath: '/absent/eunomia.bpf.o' }),
      (error) => error instanceof ProbeUnavailableError && /\/absent\/eunomia\.bpf\.o is not built: run bpf\/build\.sh/.test(error.message),
    )
  })

  it('takes no programs of other layouts, and says what to do', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-stale-'))
    const [ours, theirs] = [Buffer.alloc(4), Buffer.alloc(4)]
    ours.writeUInt32LE(LAYOUT_HASH)
    theirs.writeUInt32LE((LAYOUT_HASH ^ 1) >>> 0)
    try {
      const object = join(folder, 'eunomia.bpf.o')
      const bytes = readFileSync(join(packageRoot(), 'bpf/build/eunomia.bpf.o'))
      let at = -1
      while ((at = bytes.indexOf(ours, at + 1)) >= 0) theirs.copy(bytes, at)
      writeFileSync(object, bytes)
      assert.throws(
        () => openKernelSession(DEFAULT_KERNEL_KNOBS, { objectPath: object }),
        (error) =>
          error instanceof ProbeUnavailableError && /is of another version \(run the set-up again: npm run setup\)/.test(error.message),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('names the error in a foreign object', () => {
    assert.throws(() => openKernelSession(DEFAULT_KERNEL_KNOBS, { objectPath: '/etc/hostname' }), ProbeUnavailableError)
  })

  it('names the missing rights', () => {
    const { stdout, status } = runChild('open without rights', { uid: 65534 })
    assert.equal(status, 0)
    assert.match(stdout, /^EUNOMIA_PROBE_UNAVAILABLE .*no permission for BPF: run as root, or with CAP_BPF/)
  })

  it('names every setting that is out of bounds', () => {
    assert.throws(
      () => openSession({ argsBytes: 65537, bulkRingBytes: 5000, ignoredPid: -1 }),
      (error) => error instanceof ProbeUnavailableError && /argsBytes.*bulkRingBytes.*ignoredPid/.test(error.message),
    )
  })

  it('accepts the largest arguments and the smallest rings that the settings allow', () => {
    const session = openSession({ argsBytes: 65536, securityRingBytes: 4096, bulkRingBytes: 4096 })
    try {
      assert(session.probes.every((probe) => probe.isAttached))
      readFileSync('/etc/hostname')
      assert(drain(session.rings[1]).length > 0)
    } finally {
      session.close()
    }
  })
})
