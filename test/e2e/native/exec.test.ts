// The exec probe against real programs: what a record says must be what the workload did.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import type { KernelKnobs } from '../../../native/kernel-control.js'
import { execOf, factsOf, refusedOf } from './kernel-records.js'
import { useWatch } from './watch.js'
import { Workloads } from './workload.js'

const ENOENT = 2
const ENOEXEC = 8
const EACCES = 13
const ARGS_TRUNCATED = 1
const CAP_SYS_PTRACE = 19n

describe('exec probe', () => {
  const watch = useWatch()
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  /** The one exec of a run of exec-self. */
  function execSelf(args: readonly string[], knobs?: Partial<KernelKnobs>) {
    const { records, dropped, result } = watch((cgroup) => workloads.run('exec-self', [cgroup.procs, ...args]), knobs)
    const [record, ...more] = records.filter((candidate) => candidate.kind === KIND.exec)
    assert.equal(dropped, 0)
    assert.equal(more.length, 0)
    assert(record !== undefined, `no exec; the workload ended with ${String(result.status)}`)
    return { record, exec: execOf(record), facts: factsOf(record), status: result.status }
  }

  it('emits exactly 23 records for 23 execs in a fresh cgroup, with arguments, parent and cgroup', () => {
    const { records, result, dropped } = watch((cgroup) => workloads.run('execs', [cgroup.procs, '23']))
    const execs = records.filter((record) => record.kind === KIND.exec)
    const forks = records.filter((record) => record.kind === KIND.fork)
    assert.equal(dropped, 0)
    assert.equal(execs.length, 23)
    assert.equal(forks.length, 23)
    const program = workloads.program('execs')
    execs.forEach((record, index) => {
      assert.deepEqual(execOf(record).args, [program, 'child', String(index), '', 'two words'])
      assert.equal(execOf(record).filename, program)
      assert.equal(execOf(record).exePath, program)
      assert.equal(execOf(record).cwd, workloads.folder)
      assert.equal(execOf(record).textFlags, 0)
      assert.equal(record.pid, Number(result.lines[index]))
      assert.equal(factsOf(record).parentPid, result.pid)
      assert.equal(factsOf(record).comm, 'execs')
      assert.equal(factsOf(record).parentComm, 'execs')
      assert.equal(record.startBootNs, forks[index]?.startBootNs, 'an exec keeps the start of the process')
    })
  })

  it('counts a sequence without gaps per CPU while nothing is dropped', () => {
    const { all } = watch((cgroup) => workloads.run('execs', [cgroup.procs, '40']), {})
    const kinds: number[] = [KIND.fork, KIND.exec, KIND.execRefused, KIND.exit]
    const next = new Map<number, number>()
    for (const record of all.filter((candidate) => kinds.includes(candidate.kind))) {
      assert.equal(record.seq, next.get(record.cpu) ?? record.seq)
      next.set(record.cpu, record.seq + 1)
    }
  })

  it('reports inode, times and device of the executable as stat does', () => {
    const program = workloads.program('execs')
    const { facts } = execSelf(['path', program, 'argv0', 'child'])
    const stat = statSync(program, { bigint: true })
    const device = ((stat.dev >> 8n) << 20n) | (stat.dev & 0xffn) // as long as major < 4096 and minor < 256
    assert.equal(facts.exeInode, stat.ino)
    assert.equal(facts.exeMtimeNs, stat.mtimeNs)
    assert.equal(facts.exeCtimeNs, stat.ctimeNs)
    assert.equal(BigInt(facts.exeDevice), device)
    assert.equal(facts.isMemfd, false)
    assert.equal(facts.isUpperLayer, false)
  })

  it('keeps arguments of 4 KiB whole', () => {
    const { exec } = execSelf(['long', '4096', '/bin/true'])
    assert.deepEqual(exec.args, ['long', 'x'.repeat(4096)])
    assert.equal(exec.argsTotal, 5 + 4097)
    assert.equal(exec.textFlags, 0)
  })

  it('cuts arguments of 100 KiB at the limit, and reports their full length', () => {
    for (const argsBytes of [8192, 65536]) {
      const { exec } = execSelf(['long', '102400', '/bin/true'], { argsBytes })
      assert.equal(exec.argsBytes.length, argsBytes)
      assert.equal(exec.argsBytes.toString('latin1'), `long\0${'x'.repeat(argsBytes - 5)}`)
      assert.equal(exec.argsTotal, 5 + 102401)
      assert.equal(exec.textFlags, ARGS_TRUNCATED)
      assert.equal(exec.exePath, '/usr/bin/true', 'the path after the arguments is complete')
    }
  })

  it('passes hostile arguments and names through byte by byte', () => {
    const hostile = ['new\nline', '\u001b[2J\u001b]0;title\u0007', '"; rm -rf /', '%s%n', '\u202egnp.exe']
    const { exec } = execSelf(['path', '/bin/true', ...hostile])
    assert.deepEqual(
      exec.args,
      hostile.map((text) => Buffer.from(text).toString('latin1')),
    )
  })

  it('passes bytes that are not UTF-8 through', () => {
    const script = `exec ${workloads.program('exec-self')} "$1" path /bin/true "$(printf 'a\\377\\376b')"`
    const { records } = watch((cgroup) => spawnSync('/bin/sh', ['-c', script, 'sh', cgroup.procs]))
    const record = records.find((candidate) => candidate.kind === KIND.exec)
    assert(record !== undefined)
    assert.deepEqual(execOf(record).args, ['a\xff\xfeb'])
  })

  it('shows the interpreter of a script, and the script as the file name', () => {
    const script = join(workloads.folder, 'script')
    writeFileSync(script, '#!/bin/sh\ntrue\n')
    chmodSync(script, 0o755)
    const { exec, facts } = execSelf(['path', script, 'ignored', 'one'])
    assert.deepEqual(exec.args, ['/bin/sh', script, 'one'])
    assert.equal(exec.filename, script)
    assert.equal(exec.exePath, '/usr/bin/dash')
    assert.equal(facts.comm, 'script')
  })

  it('reports a memfd with any name, but not a deleted file with the name of one', () => {
    const memfd = execSelf(['memfd', '/bin/true', 'quiet'])
    assert.equal(memfd.facts.isMemfd, true)
    assert.equal(memfd.exec.exePath, '/memfd:payload')
    assert.equal(memfd.record.syscall, 322)
    const forged = '/dev/shm/memfd:payload'
    const script = `cp /bin/true ${forged} && exec 3<${forged} && rm ${forged} && exec "$0" "$1" path /proc/self/fd/3 quiet`
    const { records } = watch((cgroup) => spawnSync('/bin/sh', ['-c', script, workloads.program('exec-self'), cgroup.procs]))
    const record = records.find((candidate) => candidate.kind === KIND.exec)
    assert(record !== undefined)
    assert.equal(factsOf(record).isMemfd, false)
    assert.equal(execOf(record).exePath, '/dev/shm/memfd:payload')
    assert.equal(execOf(record).textFlags & (1 << 11), 1 << 11, 'deleted')
  })

  it('distinguishes a program of the upper layer of an overlay from one of its image', function () {
    const folder = join(workloads.folder, 'overlay')
    for (const part of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(folder, part), { recursive: true })
    spawnSync('cp', ['/bin/true', join(folder, 'lower/from-image')])
    const merged = join(folder, 'merged')
    const options = `lowerdir=${folder}/lower,upperdir=${folder}/upper,workdir=${folder}/work`
    const mounted = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', options, merged], { encoding: 'utf8' })
    assert.equal(mounted.status, 0, mounted.stderr)
    try {
      spawnSync('cp', ['/bin/true', join(merged, 'made-later')])
      const image = execSelf(['path', join(merged, 'from-image'), 'quiet'])
      const later = execSelf(['path', join(merged, 'made-later'), 'quiet'])
      assert.equal(image.facts.isUpperLayer, false)
      assert.equal(later.facts.isUpperLayer, true)
      assert.equal(later.exec.exePath, join(merged, 'made-later'))
    } finally {
      spawnSync('umount', [merged])
    }
  })

  it('reports credentials, login uid, capabilities and session', () => {
    const { records, result } = watch((cgroup) => workloads.run('credentials', [cgroup.procs, '/bin/true']))
    const record = records.find((candidate) => candidate.kind === KIND.exec)
    assert(record !== undefined)
    const facts = factsOf(record)
    assert.deepEqual(record.ids, [2345, 1234, 2346, 1235])
    assert.equal(facts.loginUid, 4242)
    assert.equal(facts.capInheritable, 1n << CAP_SYS_PTRACE)
    assert.equal(facts.capEffective, 0n, 'an exec of another user than root drops what is only permitted')
    assert.equal(facts.capPermitted, 0n)
    assert.equal(facts.sessionId, result.pid)
    assert.equal(facts.processGroupId, result.pid)
    assert.equal(facts.tty, 0)
  })

  it('reports the pid of the innermost namespace next to that of the host', () => {
    const prefix = ['unshare', '--pid', '--fork', '--kill-child']
    const { records, result } = watch((cgroup) => workloads.run('exec-self', [cgroup.procs, 'path', '/bin/true', 'quiet'], { prefix }))
    const record = records.find((candidate) => candidate.kind === KIND.exec)
    assert(record !== undefined)
    assert.equal(factsOf(record).namespacePid, 1)
    assert.notEqual(record.pid, 1)
    assert.equal(factsOf(record).parentPid, result.pid)
    assert.equal(factsOf(record).namespaceProcessGroupId, 0, 'its process group is outside of its namespace')
  })

  describe('refused', () => {
    const cases: readonly [string, number, (path: string) => void][] = [
      ['absent', ENOENT, () => undefined],
      ['not-executable', EACCES, (path) => writeFileSync(path, 'x', { mode: 0o644 })],
      ['not-a-program', ENOEXEC, (path) => writeFileSync(path, 'x', { mode: 0o755 })],
    ]
    for (const [name, errno, prepare] of cases) {
      it(`reports errno ${errno} of a file that is ${name}, and the requested file`, () => {
        const path = join(workloads.folder, name)
        prepare(path)
        const { records, result } = watch((cgroup) => workloads.run('exec-self', [cgroup.procs, 'path', path, 'zero', '', 'two words']))
        const refused = records.filter((record) => record.kind === KIND.execRefused)
        assert.equal(result.status, errno)
        assert.equal(refused.length, 1)
        const [record] = refused
        assert(record !== undefined)
        assert.equal(record.result, -errno)
        assert.equal(record.syscall, 59)
        assert.equal(record.pid, result.pid)
        assert.deepEqual(refusedOf(record), { args: ['zero', '', 'two words'], argsTotal: 16, filename: path, textFlags: 0 })
        assert.equal(records.filter((candidate) => candidate.kind === KIND.exec).length, 0)
      })
    }

    it('cuts long arguments at the limit', () => {
      const { records } = watch((cgroup) => workloads.run('exec-self', [cgroup.procs, 'long', '102400', '/absent']))
      const record = records.find((candidate) => candidate.kind === KIND.execRefused)
      assert(record !== undefined)
      const refused = refusedOf(record)
      assert.equal(refused.textFlags, ARGS_TRUNCATED)
      assert.deepEqual(refused.args, ['long', 'x'.repeat(4095)])
      assert.equal(refused.filename, '/absent')
    })
  })
})
