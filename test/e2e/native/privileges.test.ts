// Privileges are given up by each thread, also by those that Node, V8 and libuv made, and what is kept is what the work needs. Needs root.
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Privileges } from '../../../native/privileges.js'
import { compiledRoot } from '../../support/runner/tiers.js'
import { skipBecause } from '../../support/runner/skip-because.js'

const CHILD = 'test/e2e/native/privileges-child.js'
const NOBODY = 65534
const NONE = '0000000000000000'
/** Bit 2. */
const DAC_READ_SEARCH = '0000000000000004'

function runChild<Seen>(...args: readonly string[]): Seen {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(compiledRoot(), CHILD), ...args], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as Seen
}

describe('giving up privileges', () => {
  let folder = ''
  let fileOfOther = ''
  let other: ChildProcess
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-privileges-'))
    fileOfOther = join(folder, 'secret')
    writeFileSync(fileOfOther, 'secret', { mode: 0o600 })
    chownSync(fileOfOther, NOBODY, NOBODY)
    other = spawn('sleep', ['600'], { uid: NOBODY, gid: NOBODY })
  })
  after(() => {
    other.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  it('happens in every thread, also in threads that block signals or start later', () => {
    type Seen = Record<string, unknown> & { blocked: number; before: number; grown: number; held: Privileges }
    const { blocked, before, grown, held, ...sets } = runChild<Seen>('in all threads', 'CAP_DAC_READ_SEARCH')
    assert.ok(blocked > 0, 'no thread blocks signals: the test proves too little')
    assert.ok(before > 8 && grown > 0, `${String(before)} threads, then ${String(grown)} more`)
    assert.deepEqual(
      [held.permitted, held.effective, held.inheritable, held.bounding, held.ambient, held.noNewPrivileges],
      [4, 4, 0, 0, 0, true],
    )
    assert.deepEqual(sets, {
      ...{ CapPrm: [DAC_READ_SEARCH], CapEff: [DAC_READ_SEARCH], CapInh: [NONE], CapBnd: [NONE], CapAmb: [NONE] },
      NoNewPrivs: ['1'],
    })
  })

  it('leaves no privileges to started programs, although they run as root', () => {
    assert.deepEqual(runChild('a program started afterwards', 'CAP_DAC_READ_SEARCH'), { permitted: NONE })
  })

  it('returns the signal to the C library, which uses it to change users, and refuses that in each thread', () => {
    assert.deepEqual(runChild('the user changed afterwards', 'CAP_SETUID'), { refused: 'EPERM', users: [Array(4).fill(0).join('\t')] })
  })

  it('makes every thread another user, to whom what root may do is refused', () => {
    const fileOfRoot = join(folder, 'of-root')
    writeFileSync(fileOfRoot, 'of root', { mode: 0o600 })
    const own = join(folder, 'own-folder')
    mkdirSync(own)
    chownSync(own, 65_521, 65_521)
    const program = spawn('sleep', ['600'])
    try {
      assert.deepEqual(runChild('what root may do', own, fileOfRoot, String(program.pid)), {
        ...{ users: [Array(4).fill(65_521).join('\t')], filters: ['2'] },
        ...{ read: 'of root', written: null },
        ...{ etc: 'EACCES', overwrite: 'EACCES', throughProc: 'EACCES', chmod: 'EPERM', program: 'EPERM', signal: 'EPERM', user: 'EPERM' },
        worker: 'EACCES',
      })
    } finally {
      program.kill()
    }
    assert.equal(existsSync('/etc/eunomia-privileges-test'), false)
  })

  it('leaves the process its own /proc', () => {
    assert.deepEqual(runChild('not dumped'), { environ: true })
  })

  for (const [keep, failing] of [
    [[], ['process', 'file']],
    [['CAP_SYS_PTRACE'], ['file']],
    [['CAP_DAC_READ_SEARCH'], ['process']],
    [['CAP_DAC_READ_SEARCH', 'CAP_SYS_PTRACE'], []],
  ] as const)
    it(`keeps ${keep.join(' and ') || 'nothing'}: ${failing.length === 0 ? 'all of the work goes on' : `${failing.join(' and ')} of others can't be read`}`, () => {
      assert.deepEqual(runChild('deeds', String(other.pid), fileOfOther, ...keep), failing)
    })
})
