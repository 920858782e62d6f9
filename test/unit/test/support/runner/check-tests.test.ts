// The check that unit tests mirror the paths of their sources.
import assert from 'node:assert/strict'
import { strayTests } from '../../../../support/runner/check-tests.js'

describe('the check of unit tests', () => {
  const sources = new Set(['collector/clock.ts', 'infra/setup/setup.sh', 'test/support/wait-for.ts'])
  const strays = (tests: string[], suites: string[] = []): string[] => strayTests(tests, new Set(suites), (path) => sources.has(path))

  it('accepts a test with a source of its path, and a named suite', () => {
    const tests = ['collector/clock.test.ts', 'infra/setup/setup.test.ts', 'test/support/wait-for.test.ts', 'schemas/golden.test.ts']
    assert.deepEqual(strays(tests, ['schemas/golden.test.ts']), [])
  })

  it('finds a test without a source, and a named suite that is gone', () => {
    assert.deepEqual(strays(['collector/clocks.test.ts'], ['schemas/golden.test.ts']), [
      'test/unit/collector/clocks.test.ts: no source has this path; rename the test, or list it in NAMED_SUITES',
      'test/unit/schemas/golden.test.ts: there is no such test; remove it from NAMED_SUITES',
    ])
  })
})
