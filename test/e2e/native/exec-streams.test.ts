// What an exec record says of the standard streams and of namespaces, against what a workload made of them.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execOf, namespacesOf, recordsOf, type KernelRecord } from './kernel-records.js'
import { openSession, useWatch } from './watch.js'
import { Workloads } from './workload.js'

const S_IFMT = 0o170000
const MODE = { fifo: 0o010000, file: 0o100000, socket: 0o140000 }
const IS_STDIN = 1
const IS_STDOUT = 2
const UNREACHABLE = 8
const AF_UNIX = 1
const AF_INET = 2

describe('streams and namespaces of an exec', () => {
  const watch = useWatch()
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  function run(...args: string[]) {
    const { records, dropped, result } = watch((cgroup) => workloads.run('streams', [cgroup.procs, ...args]))
    const record = onlyExec(records)
    assert.equal(dropped, 0)
    const streams = execOf(record).streams.map(({ mode, inode, flags, family, name }) => ({
      kind: mode & S_IFMT,
      inode,
      flags,
      family,
      name,
    }))
    return { streams, printed: result.lines[0] }
  }

  it('reports a socket on all three that another process created, and names it once', () => {
    const { streams } = run('tcp')
    assert.deepEqual(
      streams.map(({ kind, family, flags, name }) => ({ kind, family, flags, name })),
      [
        { kind: MODE.socket, family: AF_INET, flags: 0, name: '' },
        { kind: MODE.socket, family: 0, flags: IS_STDIN, name: '' },
        { kind: MODE.socket, family: 0, flags: IS_STDIN, name: '' },
      ],
    )
  })

  it('reports the name of a unix socket at both ends', () => {
    const path = join(workloads.folder, 'listener')
    const { streams } = run('unix', path)
    for (const { kind, family, name } of streams.slice(0, 2)) {
      assert.deepEqual([kind, family, name.replace(/\0.*$/s, '')], [MODE.socket, AF_UNIX, path])
    }
  })

  it('reports the path of a file, the inode of a pipe, and closed streams', () => {
    const { streams, printed } = run('files', '/etc/passwd')
    assert.deepEqual(
      streams.map(({ kind, flags, name }) => ({ kind, flags, name })),
      [
        { kind: MODE.file, flags: 0, name: 'passwd\0etc\0' },
        { kind: MODE.fifo, flags: UNREACHABLE, name: '' },
        { kind: 0, flags: 0, name: '' },
      ],
    )
    assert.equal(String(streams[1]?.inode), printed)
  })

  it('reports a memory file, a named pipe by its path, and the copy of stdout', () => {
    const path = join(workloads.folder, 'pipe')
    const { streams } = run('memfd', path)
    assert.deepEqual(
      streams.map(({ kind, flags, name }) => ({ kind, flags, name: name.split('\0')[0] })),
      [
        { kind: MODE.file, flags: UNREACHABLE, name: 'memfd:notes' },
        { kind: MODE.fifo, flags: 0, name: 'pipe' },
        { kind: MODE.fifo, flags: IS_STDOUT, name: '' },
      ],
    )
  })

  it('reports the namespaces as in /proc, and the parent pid of its own pid namespace', () => {
    const { records } = watch((cgroup) => workloads.run('exec-self', [cgroup.procs, 'path', '/bin/true', 'true']))
    const { numbers, parentNamespacePid, pidStartBootNs } = namespacesOf(onlyExec(records))
    assert.deepEqual(numbers, ownNamespaces())
    assert.equal(parentNamespacePid, process.pid)
    assert.equal(pidStartBootNs / 10_000_000n, initStartTicks())
  })

  it('reports the number of a new pid namespace, its first process, and a parent outside of it', () => {
    const script = 'echo 0 > "$1"; exec unshare --pid --fork --net /bin/sh -c "true; /bin/true; true"'
    const { records } = watch((cgroup) => spawnSync('/bin/sh', ['-c', script, 'sh', cgroup.procs]))
    const [first, second] = records.filter((record) => record.kind === KIND.exec).slice(-2)
    assert(first !== undefined && second !== undefined)
    const own = ownNamespaces()
    const [outer, inner] = [namespacesOf(first), namespacesOf(second)]
    for (const { numbers, pidStartBootNs } of [outer, inner]) {
      assert.notEqual(numbers.pid, own.pid)
      assert.notEqual(numbers.net, own.net)
      assert.equal(numbers.mnt, own.mnt)
      assert.equal(pidStartBootNs, first.startBootNs)
    }
    assert.deepEqual([outer.parentNamespacePid, inner.parentNamespacePid], [0, 1])
  })

  it('reports both for running processes', () => {
    const session = openSession()
    try {
      const own = recordsOf(session.tasks()).find((record) => record.pid === process.pid)
      assert(own !== undefined)
      assert.deepEqual(namespacesOf(own).numbers, ownNamespaces())
      const stdin = readlinkSync('/proc/self/fd/0')
      const [first] = execOf(own).streams
      if (stdin.startsWith('/')) assert.equal(first?.name, `${stdin.slice(1).split('/').reverse().join('\0')}\0`)
      else assert.equal(`${first?.inode ?? ''}]`, stdin.replace(/^.*\[/, ''))
    } finally {
      session.close()
    }
  })
})

function onlyExec(records: readonly KernelRecord[]): KernelRecord {
  const [record, ...more] = records.filter(({ kind }) => kind === KIND.exec)
  assert.equal(more.length, 0)
  assert(record !== undefined, 'no exec')
  return record
}

function ownNamespaces() {
  const number = (name: string): number => Number(/\d+/.exec(readlinkSync(`/proc/self/ns/${name}`))?.[0])
  return {
    mnt: number('mnt'),
    pid: number('pid'),
    net: number('net'),
    user: number('user'),
    uts: number('uts'),
    ipc: number('ipc'),
    cgroup: number('cgroup'),
  }
}

/** Start of process 1, in ticks of 10 ms. @see proc_pid_stat(5) */
function initStartTicks(): bigint {
  const fields = readFileSync('/proc/1/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return BigInt(fields[19] ?? -1)
}
