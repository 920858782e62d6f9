// Fork, exit, cgroups and the task iterator against real processes.
import { EXIT_EVENT, HEADER_CGROUP_V1, KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { skipBecause } from '../../support/runner/skip-because.js'
import { cgroupMount, makeCgroup } from './cgroup-folder.js'
import { cgroupOf, drain, execOf, factsOf, recordsOf } from './kernel-records.js'
import { openSession, useWatch } from './watch.js'
import { Workloads } from './workload.js'

const SIGKILL = 9

describe('process probes', () => {
  const watch = useWatch()
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  it('reports the end of each process once, with status or signal, when its last thread is gone', () => {
    const { records, result } = watch((cgroup) => workloads.run('exits', [cgroup.procs]))
    const exits = records.filter((record) => record.kind === KIND.exit)
    const ended = result.lines.map((line) => line.split(' ').map(Number))
    assert.deepEqual(
      ended.slice(0, 3).map(([, status]) => status),
      [7 << 8, SIGKILL, 3 << 8],
    )
    assert.deepEqual(
      exits.map((record) => [record.pid, record.bytes.readUInt32LE(EXIT_EVENT.exitCode)]),
      [...ended, [result.pid, 0]],
      'as wait(2) has it',
    )
    for (const exit of exits) {
      const fork = records.find((record) => record.kind === KIND.fork && record.pid === exit.pid)
      if (fork !== undefined) assert.equal(exit.startBootNs, fork.startBootNs)
      assert(exit.bootNs > exit.startBootNs, 'so that the difference is the duration')
    }
  })

  it('emits no fork record for a thread', () => {
    const { records, result } = watch((cgroup) => workloads.run('exits', [cgroup.procs]))
    const forks = records.filter((record) => record.kind === KIND.fork)
    assert.deepEqual(
      forks.map((record) => record.pid),
      result.lines.map((line) => Number(line.split(' ')[0])),
    )
    assert(forks.every((record) => record.tid === record.pid))
    assert(forks.every((record) => factsOf(record).parentPid === result.pid))
  })

  it('reports the namespaces that clone and clone3 create, without reading their arguments', () => {
    const namespaces = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x6e020000]
    const { records, result } = watch((cgroup) =>
      workloads.run('attacks/clone-namespaces', [cgroup.procs, '0', ...namespaces.map((flags) => flags.toString(16))]),
    )
    assert.equal(result.status, 0)
    const forks = records.filter((record) => record.kind === KIND.fork)
    assert.deepEqual(
      forks.map((record) => record.result),
      [0, ...namespaces],
    )
  })

  it('reports cgroups that are made and removed, with path, level and id', () => {
    const name = `docker-${process.pid}`
    const { all, result } = watch((cgroup) => {
      const path = join(cgroup.path, name)
      mkdirSync(path)
      const id = statSync(path, { bigint: true }).ino
      rmdirSync(path)
      return id
    })
    const events = all.filter((record) => record.cgroupId === result)
    assert.deepEqual(
      events.map((record) => record.kind),
      [KIND.cgroupMkdir, KIND.cgroupRmdir],
    )
    for (const event of events) {
      const { hierarchyId, level, path } = cgroupOf(event)
      assert.equal(hierarchyId, 0)
      assert.equal(level, 2)
      assert(path.endsWith(`/${name}`))
      assert.equal(event.pid, process.pid)
    }
  })

  it('falls back to the cgroup of a v1 controller for a process in the root of v2, and says so', function () {
    const mount = cgroupMount('pids')
    if (mount === undefined) skipBecause(this, 'no v1 hierarchy is mounted here')
    const cgroup = makeCgroup(mount)
    try {
      const { all } = watch(() => workloads.run('exec-self', [cgroup.procs, 'path', '/bin/true', 'quiet']))
      const record = all.find((candidate) => candidate.kind === KIND.exec && candidate.cgroupId === cgroup.id)
      assert(record !== undefined)
      assert.equal(record.flags, HEADER_CGROUP_V1)
    } finally {
      cgroup.remove()
    }
  })

  it('snapshots every running process with the start time that its own events have', async () => {
    const session = openSession()
    const child = spawn('/bin/sleep', ['1000'], { cwd: '/etc' })
    try {
      await once(child, 'spawn')
      const exec = drain(session.rings[0]).find((record) => record.kind === KIND.exec && record.pid === child.pid)
      const tasks = recordsOf(session.tasks())
      const own = tasks.find((record) => record.pid === process.pid) ?? assert.fail('not found')
      const sleeping = tasks.find((record) => record.pid === child.pid) ?? assert.fail('not found')
      assert(tasks.every((record) => record.kind === KIND.task && record.seq === 0 && record.tid === record.pid))
      assert.equal(new Set(tasks.map((record) => record.pid)).size, tasks.length)
      assert.deepEqual(execOf(sleeping).args, ['/bin/sleep', '1000'])
      assert.equal(execOf(sleeping).exePath, '/usr/bin/sleep')
      assert.equal(execOf(sleeping).cwd, '/etc')
      assert.equal(execOf(sleeping).filenameLength, 0)
      assert.equal(factsOf(sleeping).parentPid, process.pid)
      assert.equal(sleeping.startBootNs, exec?.startBootNs)
      assert.deepEqual(execOf(own).argsBytes, readFileSync('/proc/self/cmdline'))
    } finally {
      child.kill('SIGKILL')
      session.close()
    }
  })
})
