// The columns of a run: every file of tests is in exactly one step.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { COLUMNS } from '../../../../support/runner/columns.js'
import { filesOfTier, TIERS } from '../../../../support/runner/tiers.js'

describe('the columns of a run', () => {
  for (const { name } of TIERS) {
    it(`contain each file of ${name} once`, () => {
      const steps = COLUMNS.flat().filter((step) => step.name === name)
      const files = steps.flatMap(({ folders = [] }) => filesOfTier(name, { folders }))
      assert.deepEqual(files.sort(), filesOfTier(name))
    })
  }

  it('name no part of a tier that is gone', () => {
    for (const { name, folder = name, parts = [] } of TIERS) {
      const sources = (part: string): string => join(packageRoot(), 'test', folder, part)
      assert.deepEqual(
        parts.filter((part) => !existsSync(sources(part)) && !existsSync(sources(`${part}.test.ts`))),
        [],
      )
    }
  })

  it('select files by words of their paths', () => {
    const files = filesOfTier('unit', { words: ['runner/columns'] })
    assert.deepEqual(
      files.map((file) => file.replace(/^.*\/test\/unit\//, '')),
      ['test/support/runner/columns.test.js'],
    )
  })
})
