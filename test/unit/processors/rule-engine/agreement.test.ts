// The engine and the oracle on the same rules and events: see test/conformance/rule-agreement.ts. The oracle itself is held to the vectors of others.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describeFalcoCorpusAgreement, describeGeneratedFalcoAgreement } from '../../../conformance/rule-agreement.js'
import { evaluate } from '../../../support/oracle/falco/evaluate-condition.js'
import { fieldMapEvent, type OracleFieldMap } from '../../../support/oracle/falco/oracle-event.js'
import { parseCondition } from '../../../support/oracle/falco/parse-condition.js'
import { skipWithoutCorpora } from '../../../support/runner/skip-because.js'
import { sharedPath } from '../../../support/shared-folder.js'

interface Vector {
  readonly id: string
  readonly condition: string
  readonly valid: boolean
  readonly fields: OracleFieldMap | null
  readonly expect: boolean | null
}

describe('engine and oracle', function () {
  this.timeout(60_000)
  describeFalcoCorpusAgreement()
  describeGeneratedFalcoAgreement()
})

describe('the oracle', () => {
  for (const file of ['F2.jsonl', 'F3.jsonl']) {
    it(`gives the verdicts that the vectors of ${file} want`, function () {
      const path = sharedPath('samples', file) ?? skipWithoutCorpora(this)
      const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
      const vectors = lines.map((line) => JSON.parse(line) as Vector).filter(({ valid, expect }) => valid && expect !== null)
      assert.ok(vectors.length > 10)
      for (const { id, condition, fields, expect } of vectors) {
        assert.equal(evaluate(parseCondition(condition), fieldMapEvent(fields ?? {})), expect, `${id}: ${condition}`)
      }
    })
  }
})
