// The privileges of a process from the status files of its threads.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capabilitiesText, capabilitySet } from '../../../infra/process/capability-names.js'
import { heldPrivileges, without } from '../../../native/privileges.js'

const status = (permitted: string, bounding: string, noNewPrivileges: number): string =>
  `Name:\tnode\nCapInh:\t0000000000000000\nCapPrm:\t${permitted}\nCapEff:\t0000000000000000\nCapBnd:\t${bounding}\n` +
  `CapAmb:\t0000000000000000\nNoNewPrivs:\t${String(noNewPrivileges)}\nSeccomp:\t0\n`

describe('privileges of a process', () => {
  let folder = ''
  const thread = (id: number, text: string): void => {
    mkdirSync(join(folder, String(id)))
    writeFileSync(join(folder, String(id), 'status'), text)
  }
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'eunomia-held-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are what any of its threads has', () => {
    thread(1, status('0000000000000004', '0000000000000000', 1))
    thread(2, status('000001ffffffffff', '0000000000000001', 1))
    const { threads, permitted, effective, bounding, noNewPrivileges } = heldPrivileges(folder)
    assert.deepEqual([threads, permitted, effective, bounding, noNewPrivileges], [2, 2 ** 41 - 1, 0, 1, true])
  })

  it('can grow as long as one thread lets them', () => {
    thread(1, status('0000000000000000', '0000000000000000', 1))
    thread(2, status('0000000000000000', '0000000000000000', 0))
    assert.equal(heldPrivileges(folder).noNewPrivileges, false)
  })

  it('leave out a thread that ended meanwhile', () => {
    thread(1, status('0000000000000004', '0000000000000000', 1))
    mkdirSync(join(folder, '2'))
    assert.deepEqual([heldPrivileges(folder).threads, heldPrivileges(folder).permitted], [1, 4])
  })

  it('are reported by name, also those above 31', () => {
    const set = capabilitySet(['CAP_BPF', 'CAP_CHOWN', 'CAP_SYS_PTRACE'])
    assert.equal(set, 2 ** 39 + 1 + 2 ** 19)
    assert.equal(capabilitiesText(set), 'CAP_CHOWN CAP_SYS_PTRACE CAP_BPF')
    assert.equal(capabilitiesText(without(set, capabilitySet(['CAP_BPF']))), 'CAP_CHOWN CAP_SYS_PTRACE')
    assert.throws(() => capabilitySet(['CAP_NONE']), /CAP_NONE is not a capability/)
  })
})
