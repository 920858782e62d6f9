// What a probe that is not attached says on a kernel that is too old for it.
import assert from 'node:assert/strict'
import { withKernelNeed } from '../../../native/kernel-need.js'

const refused = (name: string): { name: string; isAttached: boolean; error: string } => ({ name, isAttached: false, error: 'EINVAL' })

describe('a probe that is not attached', () => {
  it('names the kernel that it needs when this one is older', () => {
    assert.equal(withKernelNeed(refused('process_exec'), '5.15.0-91-generic').error, 'needs Linux 6.2, this is 5.15.0-91-generic (EINVAL)')
    assert.equal(withKernelNeed(refused('syscalls'), '6.1.0').error, 'needs Linux 6.2, this is 6.1.0 (EINVAL)')
    assert.equal(withKernelNeed(refused('cgroup_made'), '5.10.0').error, 'needs Linux 5.11, this is 5.10.0 (EINVAL)')
  })

  it('keeps its own reason when the kernel is new enough', () => {
    for (const release of ['6.2.0', '6.18.44', '7.0.0-rc1']) assert.equal(withKernelNeed(refused('syscalls'), release).error, 'EINVAL')
    assert.equal(withKernelNeed(refused('process_fork'), '5.10.0').error, 'EINVAL')
  })

  it('says nothing when it is attached', () => {
    const attached = { name: 'syscalls', isAttached: true, error: null }
    assert.equal(withKernelNeed(attached, '6.1.0'), attached)
  })
})
