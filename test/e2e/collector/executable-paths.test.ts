// Opening executables on a file system whose server never answers: the user of a program chooses its path. Needs root.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeUnmounted } from '../../support/mounted-folder.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const CHILD = join(import.meta.dirname, 'executable-file-child.js')
/** An open takes microseconds; one that blocks never returns. */
const FOR_EVER_MS = 20_000

describe('opening an executable', function () {
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
    // Nothing reads from it, so each request blocks.
    server = openSync('/dev/fuse', 'r+')
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
    const mount = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'silent', mounted], { stdio: ['ignore', 'pipe', 'pipe', server] })
    assert.equal(mount.status, 0, String(mount.stderr))
  })
  after(() => {
    if (server < 0) return
    // Ends requests that still block.
    closeSync(server)
    removeUnmounted(folder)
  })

  const openOf = (path: string, ...recorded: readonly 'recorded'[]): string => {
    const child = spawnSync(process.execPath, [CHILD, folder, path, ...recorded], {
      timeout: FOR_EVER_MS,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    })
    return child.signal === null ? `${child.stdout}${child.stderr}` : 'waits'
  }

  it('does not access such a file system for a path on the host', () => assert.equal(openOf(join(mounted, 'program')), 'gone'))

  it('does not access it for a path as the parent sees it', () => {
    symlinkSync(mounted, join(folder, '5/root'))
    assert.equal(openOf('/program'), 'gone')
  })

  it('does not access it for the current program of the process', () => {
    symlinkSync(mounted, join(folder, '7/exe'))
    assert.equal(openOf('/nowhere'), 'otherFile')
  })

  it('does not wait for who holds a lease on it', async () => {
    const program = join(folder, 'leased')
    writeFileSync(program, 'program')
    assert.equal(openOf(program, 'recorded'), 'opened')
    const workloads = new Workloads()
    const holder = spawn(workloads.program('attacks/lease-exe'), [program, '120'], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(holder.stdout, 'data')
      assert.match(openOf(program, 'recorded'), /^(gone|otherFile)$/, 'neither opened nor waiting')
    } finally {
      holder.kill('SIGKILL')
      workloads.close()
    }
  })
})
