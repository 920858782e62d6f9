// The columns of a run: every file of tests is in exactly one step.
import assert from 'node:assert/strict'
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

  it('select files by words of their paths', () => {
    const files = filesOfTier('unit', { words: ['runner/columns'] })
    assert.deepEqual(
      files.map((file) => file.replace(/^.*\/test\/unit\//, '')),
      ['test/support/runner/columns.test.js'],
    )
  })
})
