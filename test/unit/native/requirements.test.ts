// What a probe that is not attached says on a kernel that is too old for it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { PROBE_NEEDS, isAtLeast, withKernelNeed } from '../../../native/requirements.js'

const refused = (name: string): { name: string; isAttached: boolean; error: string } => ({ name, isAttached: false, error: 'EINVAL' })

describe('a probe that is not attached', () => {
  it('names the kernel that it needs when this one is older', () => {
    assert.equal(withKernelNeed(refused('process_exec'), '5.15.0-91-generic').error, 'needs Linux 6.2, this is 5.15.0-91-generic (EINVAL)')
    assert.equal(withKernelNeed(refused('syscalls'), '6.1.0').error, 'needs Linux 6.2, this is 6.1.0 (EINVAL)')
    assert.equal(withKernelNeed(refused('usage_files'), '5.10.0').error, 'needs Linux 5.11, this is 5.10.0 (EINVAL)')
  })

  it('keeps its own reason when the kernel is new enough', () => {
    for (const release of ['6.2.0', '6.18.44', '7.0.0-rc1']) assert.equal(withKernelNeed(refused('syscalls'), release).error, 'EINVAL')
    assert.equal(withKernelNeed(refused('usage_tcp'), '5.12.0').error, 'EINVAL')
  })

  it('says nothing when it is attached', () => {
    const attached = { name: 'syscalls', isAttached: true, error: null }
    assert.equal(withKernelNeed(attached, '6.1.0'), attached)
  })
})

describe('docs/kernels.md', () => {
  it('has each probe with its hook, its first kernel and what it needs, and no other', () => {
    const rows = readFileSync(join(packageRoot(), 'docs/kernels.md'), 'utf8').matchAll(
      /^\| `(\w+)` \| `([^`]+)` \| (\d+)\.(\d+) \| ([^|]+) \| [^|]{10,} \|$/gm,
    )
    assert.deepEqual(
      [...rows].map(([, name, hook, major, minor, why]) => [name, { hook, first: [Number(major), Number(minor)], why }]),
      [...PROBE_NEEDS],
    )
  })

  it('has the hooks that the programs have', () => {
    const programs = [
      'process/process',
      'process/cgroup',
      'kernel-call/io_uring',
      'process/oom',
      'kernel-call/syscalls',
      'network/socket_end',
      'process/tasks',
      'usage/syscalls',
      'usage/files',
      'usage/tcp',
      'usage/capabilities',
    ].map((name) => readFileSync(join(packageRoot(), 'bpf', `${name}.bpf.c`), 'utf8'))
    const hooks = [...programs.join('\n').matchAll(/^SEC\("(\w[\w.]*\/\w+)"\)$/gm)].map(([, hook]) => hook)
    assert.deepEqual(hooks.sort(), [...PROBE_NEEDS.values()].map(({ hook }) => hook).sort())
  })
})

describe('a release', () => {
  it('is compared by its first two numbers', () => {
    assert.deepEqual(
      ['5.7.19', '5.8.0', '5.10.0-32-amd64', '6.1', '7.0.0-rc1'].map((release) => isAtLeast(release, [5, 8])),
      [false, true, true, true, true],
    )
  })
})
