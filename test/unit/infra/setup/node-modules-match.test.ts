// The set-up runs `npm ci` only if the installed packages differ from the lock file.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'

describe('the set-up', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-setup-'))
    mkdirSync(join(folder, 'node_modules'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })
  const isMatch = (wanted: object, installed: object | null): boolean => {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': { version: '1.0.0' }, ...wanted } }))
    if (installed !== null) writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }))
    return spawnSync(process.execPath, [join(packageRoot(), 'infra/setup/node-modules-match.js')], { cwd: folder }).status === 0
  }
  const a1 = { 'node_modules/a': { version: '1.0.0' } }

  it('installs nothing if the packages match the lock file', () => {
    assert.ok(isMatch(a1, a1))
  })

  it('installs when nothing is there, as after a killed npm ci', () => {
    assert.ok(!isMatch(a1, null))
  })

  it('installs when a version differs or a package is missing', () => {
    assert.ok(!isMatch(a1, { 'node_modules/a': { version: '1.0.1' } }))
    assert.ok(!isMatch({ ...a1, 'node_modules/b': { version: '2.0.0' } }, a1))
  })

  it('does not require optional packages of other platforms', () => {
    assert.ok(isMatch({ ...a1, 'node_modules/c-darwin': { version: '1.0.0', optional: true } }, a1))
  })
})
