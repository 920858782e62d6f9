// The end of a run is read by machines: its form and its counts.
import assert from 'node:assert/strict'
import Mocha from 'mocha'
import { reporterFor } from '../../../../support/runner/reporter.js'
import { skipBecause } from '../../../../support/runner/skip-because.js'
import { summaryLine, sumReports, type TierReport } from '../../../../support/runner/tier-report.js'

function run(define: (suite: Mocha.Suite) => void): Promise<{ report: TierReport; lines: string[] }> {
  const lines: string[] = []
  let report: TierReport | undefined
  const mocha = new Mocha({
    reporter: reporterFor(
      (next) => {
        report = next
      },
      (line) => lines.push(line),
    ),
  })
  define(Mocha.Suite.create(mocha.suite, 'the suite'))
  return new Promise((resolve, reject) => {
    mocha.run(() => {
      if (report === undefined) reject(new Error('no report'))
      else resolve({ report, lines })
    })
  })
}

describe('the reporter', () => {
  it('counts passed, failed and skipped tests and says when all were tried', async () => {
    const { report, lines } = await run((suite) => {
      suite.addTest(new Mocha.Test('passes', () => undefined))
      suite.addTest(
        new Mocha.Test('fails', () => {
          throw new Error('told you')
        }),
      )
      suite.addTest(
        new Mocha.Test('is skipped', function (this: Mocha.Context) {
          skipBecause(this, 'the corpus is not here')
        }),
      )
    })
    assert.deepEqual(report, {
      passed: 1,
      failed: 1,
      skips: [{ title: 'the suite is skipped', reason: 'the corpus is not here' }],
      running: null,
      isComplete: true,
    })
    assert.match(lines.join('\n'), /FAILED: the suite fails\n.*told you/s)
  })

  it('counts a hook that fails as a failure', async () => {
    const { report } = await run((suite) => {
      suite.beforeAll(() => {
        throw new Error('no service')
      })
      suite.addTest(new Mocha.Test('never runs', () => undefined))
    })
    assert.equal(report.failed, 1)
    assert.equal(report.passed, 0)
  })

  it('gives the reason of a suite that its before hook skipped for each of its tests', async () => {
    const { report } = await run((suite) => {
      suite.beforeAll(function () {
        skipBecause(this, 'not root')
      })
      suite.addTest(new Mocha.Test('a', () => undefined))
      suite.addTest(new Mocha.Test('b', () => undefined))
    })
    assert.deepEqual(report.skips, [
      { title: 'the suite a', reason: 'not root' },
      { title: 'the suite b', reason: 'not root' },
    ])
  })
})

describe('the last line of a run', () => {
  it('is "N passed, N failed"', () => {
    assert.equal(summaryLine(12, 0, 0), '12 passed, 0 failed')
  })

  it('is followed by the number of skipped tests when there are some', () => {
    assert.equal(summaryLine(12, 3, 2), '12 passed, 3 failed, 2 skipped')
  })

  it('counts over all tiers', () => {
    const tier = (passed: number, failed: number): TierReport => ({ passed, failed, skips: [], running: null, isComplete: true })
    assert.deepEqual(sumReports([tier(3, 1), tier(4, 0)]), { passed: 7, failed: 1, skips: [] })
  })
})
