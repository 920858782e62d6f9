// docs/fields.md is generated from the catalogue, and up to date.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../../../infra/process/package-root.js'
import { FIELD_GROUPS } from '../../../../../../processors/rule-engine/fields/catalogue.js'
import { fieldNameText, sigmaNamesByField } from '../../../../../../processors/rule-engine/workbench/field-listing.js'
import { COLLECTED_EVENT_TYPES } from '../../../../../../processors/rule-engine/fields/record/event-type.js'
import { fieldsPage } from '../../../../../../processors/rule-engine/workbench/pages/fields-page.js'

describe('docs/fields.md', () => {
  const page = fieldsPage()
  const lines = page.split('\n')

  it('is as npm run generate makes it', () => {
    assert.equal(readFileSync(join(packageRoot(), 'docs/fields.md'), 'utf8'), page)
  })

  it('has a line for each field and each event type', () => {
    for (const field of FIELD_GROUPS.flatMap(([, fields]) => fields)) {
      const name = fieldNameText(field).replaceAll('|', '\\|')
      assert.equal(lines.filter((line) => line.startsWith(`| \`${name}\` | ${field.type}`)).length, 1, name)
    }
    for (const type of COLLECTED_EVENT_TYPES) assert.ok(page.includes(`\`${type}\``), type)
  })

  it('has tables whose rows all have as many cells as their heads', () => {
    let width = 0
    for (const line of lines) {
      const cells = line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0
      if (width !== 0 && cells !== 0) assert.equal(cells, width, line)
      width = cells
    }
  })

  it('shows the Sigma name of a field', () => {
    const names = sigmaNamesByField()
    assert.deepEqual(names.get('proc.exepath')?.includes('Image'), true)
    assert.deepEqual(names.get('proc.exeline')?.includes('CommandLine'), true)
    assert.deepEqual(names.get('proc.pexepath')?.includes('ParentImage'), true)
    const line = lines.find((one) => one.startsWith('| `proc.exepath` |')) ?? ''
    assert.match(line, /\| `Image`.*\|$/)
  })
})
