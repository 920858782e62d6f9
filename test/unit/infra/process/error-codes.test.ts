// docs/errors.md explains every error code, and no other.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES } from '../../../../infra/process/error-codes.js'
import { packageRoot } from '../../../../infra/process/package-root.js'

describe('docs/errors.md', () => {
  const page = readFileSync(join(packageRoot(), 'docs/errors.md'), 'utf8')
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')).trim(), section]),
  )

  it('has one section for each code, in the order of the list', () => {
    assert.deepEqual([...sections.keys()], [...ERROR_CODES])
  })

  it('has a remedy in each section', () => {
    for (const [code, text] of sections) assert.match(text, /\*\*Do:\*\* \S+/, code)
  })
})
