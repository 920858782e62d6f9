// Every code that a load of rules can give is explained in docs/errors.md, and nothing is explained that does not exist.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { LOAD_ERROR_CODES, LOAD_WARNING_CODES } from '../../../../../processors/rule-engine/read/diagnostics.js'

describe('codes of mistakes and warnings in rules', () => {
  it('are all explained, once each', () => {
    const page = readFileSync(join(packageRoot(), 'docs/errors.md'), 'utf8')
    const explained = [...page.matchAll(/^\| `(LOAD_[A-Z_]+)` \|/gm)].map(([, code]) => code)
    assert.deepEqual(explained.toSorted(), [...LOAD_ERROR_CODES, ...LOAD_WARNING_CODES].toSorted())
  })
})
