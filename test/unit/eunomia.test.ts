// The launcher of a checkout: the flags of V8 that it passes, with a node that knows some of them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../infra/process/package-root.js'

const FLAGS = ['--max-semi-space-size=4', '--no-parallel-scavenge', '--interrupt-budget=400000']

describe('the launcher', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-launcher-'))
    cpSync(join(packageRoot(), 'eunomia'), join(folder, 'eunomia'))
    mkdirSync(join(folder, 'dist/cli'), { recursive: true })
    writeFileSync(join(folder, 'dist/cli/main.js'), '')
    writeFileSync(join(folder, 'dist/.tsbuildinfo'), '')
    mkdirSync(join(folder, 'bin'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Arguments that node gets. @param unknown a flag with which it refuses to start */
  function launch(words: readonly string[], unknown: string): string[] {
    const node = join(folder, 'bin/node')
    writeFileSync(node, `#!/bin/sh\nfor word; do [ "$word" = ${unknown} ] && echo "bad option: $word" >&2 && exit 9; done\necho "$@"\n`)
    chmodSync(node, 0o755)
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` }
    const { status, stdout, stderr } = spawnSync('bash', [join(folder, 'eunomia'), ...words], { env, encoding: 'utf8' })
    assert.deepEqual([status, stderr], [0, ''])
    return stdout.trim().split(' ')
  }

  it('keeps the heap of a collector small', () => {
    const main = join(folder, 'dist/cli/main.js')
    assert.deepEqual(launch(['run', '--demo'], '--none'), [...FLAGS, main, 'run', '--demo'])
    assert.deepEqual(launch(['alerts'], '--none'), [main, 'alerts'])
  })

  it('leaves out a flag that this version of Node does not know', () => {
    const known = FLAGS.filter((flag) => flag !== '--no-parallel-scavenge')
    assert.deepEqual(launch(['collect'], '--no-parallel-scavenge').slice(0, -1), [...known, join(folder, 'dist/cli/main.js')])
  })

  it('works without any flag', () => {
    assert.deepEqual(launch(['collect'], '--max-semi-space-size=4').includes('--max-semi-space-size=4'), false)
  })

  it('starts the bundle, unless the modules were compiled later', () => {
    const [main, bundle] = [join(folder, 'dist/cli/main.js'), join(folder, 'dist/bundle/start.js')]
    mkdirSync(join(folder, 'dist/bundle'))
    writeFileSync(bundle, '')
    writeFileSync(join(folder, 'dist/bundle/eunomia.cjs'), '')
    utimesSync(join(folder, 'dist/.tsbuildinfo'), 1_000, 1_000)
    assert.deepEqual(launch(['alerts'], '--none'), [bundle, 'alerts'])
    utimesSync(join(folder, 'dist/bundle/eunomia.cjs'), 999, 999)
    assert.deepEqual(launch(['alerts'], '--none'), [main, 'alerts'])
    rmSync(join(folder, 'dist/.tsbuildinfo'))
    assert.deepEqual(launch(['alerts'], '--none'), [bundle, 'alerts'], 'a set-up for the start compiles no modules')
  })
})
