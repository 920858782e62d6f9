// Which capabilities a host keeps. Giving them up is tested in test/e2e, as root.
import assert from 'node:assert/strict'
import { neededCapabilities, socketGroups } from '../../../assembly/least-privilege.js'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capabilitiesText } from '../../../infra/process/capability-names.js'

describe('capabilities that a host keeps', () => {
  const needed = (isLive: boolean, kernelRelease: string, isRefused = false): string =>
    capabilitiesText(neededCapabilities({ isLive, kernelRelease, isRefused }))

  it('are those to look at files and processes of others', () => {
    for (const release of ['5.19.0', '6.1.0-13-amd64', '6.18.44']) assert.equal(needed(true, release), 'CAP_DAC_READ_SEARCH CAP_SYS_PTRACE')
  })

  it('are one more on kernels that let nobody else read maps', () => {
    for (const release of ['5.8.0', '5.15.0-91-generic', '5.18.19'])
      assert.equal(needed(true, release), 'CAP_DAC_READ_SEARCH CAP_SYS_PTRACE CAP_BPF')
  })

  it('are those for files alone when a recording is played', () => {
    assert.equal(needed(false, '5.15.0'), 'CAP_DAC_READ_SEARCH')
  })

  it('are one more when a folder or socket that is written to is closed to its user', () => {
    assert.equal(needed(false, '6.18.0', true), 'CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH')
  })
})

describe('groups of a host that root started', () => {
  it('are those that may write to a socket that is there; none without one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-groups-'))
    try {
      const path = join(folder, 'socket')
      assert.deepEqual(socketGroups([path]), [])
      writeFileSync(path, '')
      chmodSync(path, 0o600)
      assert.deepEqual(socketGroups([path]), [])
      chmodSync(path, 0o660)
      assert.deepEqual(socketGroups([path, path]), [statSync(path).gid])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
