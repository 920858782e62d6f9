import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeUnmounted } from '../../../support/mounted-folder.js'
import { skipBecause } from '../../../support/runner/skip-because.js'

describe('removing a folder of a test', () => {
  it('waits until nothing is mounted below it, and leaves what was mounted as it is', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const [folder = '', kept = ''] = ['folder', 'kept'].map((name) => mkdtempSync(join(tmpdir(), `eunomia-${name}-`)))
    const file = join(kept, 'file')
    const place = join(folder, 'a place')
    writeFileSync(file, 'kept')
    for (const path of [place, join(kept, 'deeper')]) mkdirSync(path)
    for (const path of [place, place, join(place, 'deeper')]) assert.equal(spawnSync('mount', ['--bind', kept, path]).status, 0)
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent'
    try {
      assert.throws(() => removeUnmounted(folder), /is not removed, something is mounted there/)
    } finally {
      process.env['PATH'] = path
    }
    assert.equal(readFileSync(file, 'utf8'), 'kept')
    removeUnmounted(folder)
    assert.equal(existsSync(folder), false)
    assert.equal(readFileSync(file, 'utf8'), 'kept')
    removeUnmounted(kept)
    assert.equal(existsSync(kept), false)
  })
})
