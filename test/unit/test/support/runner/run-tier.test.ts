import assert from 'node:assert/strict'
import { isTrusted } from '../../../../support/runner/run-tier.js'
import { NOTHING_YET } from '../../../../support/runner/tier-report.js'

describe('test/support/runner/run-tier', () => {
  for (const [what, isComplete, failed, end, trusted] of [
    ['all passed', true, 0, 'exit status 0', true],
    ['reported failures', true, 2, 'exit status 1', true],
    ['a status of failure without one', true, 0, 'exit status 1', false],
    ['a signal after the report', true, 0, 'SIGSEGV', false],
    ['a signal after reported failures', true, 2, 'SIGABRT', false],
    ['a hang after the report', true, 0, 'watchdog', false],
    ['an end before the report', false, 0, 'exit status 0', false],
  ] as const)
    it(`${trusted ? 'trusts' : 'adds a failure to'} the report after ${what}`, () => {
      assert.equal(isTrusted({ ...NOTHING_YET, isComplete, failed }, end), trusted)
    })
})
