// Stale generated files are those that are missing or differ.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { staleFiles } from '../../../../infra/process/generated-files.js'

describe('generated files of a folder', () => {
  it('are stale when they are missing or differ', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-generated-'))
    try {
      writeFileSync(join(folder, 'same'), 'a')
      writeFileSync(join(folder, 'other'), 'b')
      const wanted = new Map([
        ['same', 'a'],
        ['other', 'a'],
        ['missing', ''],
      ])
      assert.deepEqual(staleFiles(wanted, folder), ['other', 'missing'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
