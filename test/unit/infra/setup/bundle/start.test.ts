// The bundle of the command line with code caches that do not fit it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot, packageVersion } from '../../../../../infra/process/package-root.js'
import { compiledRoot } from '../../../../support/runner/tiers.js'
import { skipBecause } from '../../../../support/runner/skip-because.js'

describe('the bundle', () => {
  const made = join(compiledRoot(), 'bundle')
  let folder = ''
  before(function () {
    if (!existsSync(join(made, 'start.js'))) skipBecause(this, 'the bundle is not made: npm run build')
  })
  beforeEach(() => {
    const parent = join(packageRoot(), '.eunomia')
    mkdirSync(parent, { recursive: true })
    folder = mkdtempSync(join(parent, 'bundle-'))
    cpSync(made, folder, { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const version = (start = join(folder, 'start.js')): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [start, '--version'], { encoding: 'utf8' })
    assert.deepEqual([status, stderr], [0, ''])
    return stdout.trim()
  }
  const caches = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.cache'))

  it('starts without a cache, and by a symbolic link', () => {
    for (const name of caches()) rmSync(join(folder, name))
    symlinkSync(join(folder, 'start.js'), join(folder, 'linked.js'))
    assert.deepEqual([version(), version(join(folder, 'linked.js'))], [packageVersion(), packageVersion()])
  })

  it('does not use a damaged cache', () => {
    assert.ok(caches().length > 0)
    for (const name of caches()) {
      const bytes = readFileSync(join(folder, name))
      writeFileSync(join(folder, name), bytes.fill(0, bytes.length / 2))
    }
    assert.equal(version(), packageVersion())
  })

  it('does not use the cache of another source of the same length', () => {
    const file = join(folder, 'eunomia.cjs')
    const source = readFileSync(file, 'latin1')
    assert.ok(source.includes('print the version'))
    writeFileSync(file, source.replaceAll('print the version', 'PRINT THE VERSION'))
    const { stdout } = spawnSync(process.execPath, [join(folder, 'start.js'), '--help'], { encoding: 'utf8' })
    assert.match(stdout, /PRINT THE VERSION/)
  })
})
