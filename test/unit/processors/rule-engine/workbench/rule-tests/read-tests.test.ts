// Test files and recordings of strangers: what never ends is refused.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import { findTestFiles, readTests } from '../../../../../../processors/rule-engine/workbench/rule-tests/read-tests.js'
import { runRegressionTests } from '../../../../../../processors/rule-engine/workbench/rule-tests/sigma-regression.js'

/** A regular file of size 0 that has no end. */
const ENDLESS = '/proc/self/pagemap'

const ruleWith = (tests: string): string =>
  `title: r\nid: 1\nregression_tests_path: ${tests}\nlogsource: { product: linux, category: process_creation }\ndetection: { s: { Image: /bin/x }, condition: s }\n`

describe('tests of rules', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-rule-tests-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('in files that never end are refused', () => {
    const pipe = join(folder, 'a.test.yaml')
    execFileSync('mkfifo', [pipe])
    symlinkSync(ENDLESS, join(folder, 'b.test.yaml'))
    const files = findTestFiles([folder])
    assert.deepEqual(files, [pipe, join(folder, 'b.test.yaml')])
    assert.throws(() => readTests(pipe), /a\.test\.yaml: is no regular file/)
    assert.throws(() => readTests(join(folder, 'b.test.yaml')), /b\.test\.yaml: (file is larger than|can't be read)/)
  })

  for (const endless of ['/dev/zero', ENDLESS]) {
    it(`that Sigma rules name fail when their file never ends, like ${endless}`, () => {
      const info = join(folder, 'info.yml')
      writeFileSync(info, `regression_tests_info: [{ name: t, type: json, path: ${endless} }]\n`)
      for (const tests of [endless, info]) {
        const file = { name: join(folder, 'r.yml'), text: ruleWith(tests) }
        const { ruleSet } = loadRules([file], { language: 'sigma' })
        const results = runRegressionTests(ruleSet, [file])
        assert.equal(results.length, 1)
        assert.match(`${results[0]?.got ?? ''} ${results[0]?.skipped ?? ''}`, /no regular file|larger than|can't be read/)
      }
    })
  }
})
