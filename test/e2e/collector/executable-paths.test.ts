// Where executables are looked for, over a file system whose server never answers: whoever runs a program chooses its path. Needs root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skipBecause } from '../../support/runner/skip-because.js'

const CHILD = join(import.meta.dirname, 'executable-file-child.js')
/** A look takes microseconds; one that waits takes for ever. */
const FOR_EVER_MS = 20_000

describe('the look for an executable', function () {
  this.timeout(4 * FOR_EVER_MS)
  let folder = ''
  let mounted = ''
  let server = -1
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-executable-'))
    mounted = join(folder, 'mounted')
    mkdirSync(mounted)
    mkdirSync(join(folder, '5'))
    mkdirSync(join(folder, '7'))
    // Nobody reads from it, so that each question waits.
    server = openSync('/dev/fuse', 'r+')
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
    const mount = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'silent', mounted], { stdio: ['ignore', 'pipe', 'pipe', server] })
    assert.equal(mount.status, 0, String(mount.stderr))
  })
  after(() => {
    if (server < 0) return
    // Ends what still asks.
    closeSync(server)
    spawnSync('umount', ['-l', mounted])
    rmSync(folder, { recursive: true, force: true })
  })

  const look = (path: string): string => {
    const child = spawnSync(process.execPath, [CHILD, folder, path], { timeout: FOR_EVER_MS, killSignal: 'SIGKILL', encoding: 'utf8' })
    return child.signal === null ? `${child.stdout}${child.stderr}` : 'waits'
  }

  it('asks no such file system for a path on the host', () => assert.equal(look(join(mounted, 'program')), 'gone'))

  it('asks none for a path as the parent sees it', () => {
    symlinkSync(mounted, join(folder, '5/root'))
    assert.equal(look('/program'), 'gone')
  })

  it('asks none about what the process runs by now', () => {
    symlinkSync(mounted, join(folder, '7/exe'))
    assert.equal(look('/nowhere'), 'otherFile')
  })
})
