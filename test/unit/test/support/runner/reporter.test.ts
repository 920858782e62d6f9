// Machines read the end of a run: its form and its counts.
import assert from 'node:assert/strict'
import Mocha from 'mocha'
import { reporterFor } from '../../../../support/runner/reporter.js'
import { skipBecause } from '../../../../support/runner/skip-because.js'
import { skipLines, slowestLine, summaryLine, sumReports, type TierReport } from '../../../../support/runner/tier-report.js'

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
      files: [],
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
    const tier = (passed: number, failed: number): TierReport => ({ passed, failed, skips: [], running: null, isComplete: true, files: [] })
    assert.deepEqual(sumReports([tier(3, 1), tier(4, 0)]), { passed: 7, failed: 1, skips: [], files: [] })
  })
})

describe('the lines before the last', () => {
  it('give each reason of skipped tests once, with its count, the most frequent first', () => {
    const skips = ['not root', 'no corpora', 'no corpora'].map((reason, index) => ({ title: `test ${String(index)}`, reason }))
    assert.deepEqual(skipLines(skips), ['skipped 2: no corpora', 'skipped 1: not root'])
  })

  it('name the slowest files, and none that took less than a second', () => {
    const files = [
      { path: '/x/dist/test/unit/cli/main.test.js', durationMs: 2400 },
      { path: '/x/dist/test/e2e/cli/run.test.js', durationMs: 61_000 },
      { path: '/x/dist/test/unit/infra/wait.test.js', durationMs: 999 },
    ]
    assert.equal(slowestLine(files), 'slowest: e2e/cli/run 61 s, unit/cli/main 2 s')
    assert.equal(slowestLine(files.slice(2)), null)
  })
})
