// `rules fields`: a table that fits the terminal, all of one field, and what a program reads.
import assert from 'node:assert/strict'
import { fieldDetails, fieldTable } from '../../../../cli/rules/fields-command.js'
import { fieldJson, type FieldRow } from '../../../../processors/rule-engine/workbench/field-listing.js'
import { FIELD_GROUPS } from '../../../../processors/rule-engine/fields/catalogue.js'

const ROWS: readonly FieldRow[] = FIELD_GROUPS.flatMap(([group, fields]) => fields.map((field) => ({ group, field, sigma: [] })))
const row = (name: string): FieldRow => ROWS.find(({ field }) => field.name === name) ?? assert.fail(name)

describe('rules fields', () => {
  it('shows a line a field within 120 columns', () => {
    const lines = fieldTable(ROWS, 120).trimEnd().split('\n')
    assert.equal(lines.length, ROWS.length + 1)
    for (const line of lines) assert.ok([...line].length <= 120, line)
  })

  it('shows in the table which events have a field, or why none has', () => {
    const [head, buffer, around] = fieldTable([row('evt.buffer'), row('proc.vmrss')], 120).split('\n')
    assert.match(head ?? '', /^FIELD +TYPE +EVENTS +MEANING$/)
    assert.match(buffer ?? '', /^evt\.buffer +BYTEBUF +network +First bytes/)
    assert.match(around ?? '', /^proc\.vmrss +UINT64 +- +Resident memory\. Not available: resource use of processes is not collected\.$/)
  })

  it('shows all of one field', () => {
    const text = fieldDetails({ ...row('proc.duration'), sigma: ['Age'] }, 120)
    assert.match(text, /^field +proc\.duration\n/)
    assert.match(text, /\ntype +RELTIME, ns\n/)
    assert.match(text, /\nevents +all\n/)
    assert.match(text, /\nread from +Process\.startBootUs Origin\.bootTimeUs\n/)
    assert.match(text, /\nSigma +Age\n/)
    assert.doesNotMatch(text, /not available/)
  })

  it('names what only a condition may have, what waits for facts, and what Falco lacks', () => {
    assert.match(fieldDetails(row('fd.ip'), 120), /\nconditions +only in conditions/)
    assert.match(fieldDetails(row('container.image'), 120), /\nfacts +waits for container facts/)
    assert.match(fieldDetails(row('dns.name'), 120), /\nFalco +does not have it/)
    assert.match(fieldDetails(row('proc.vmrss'), 120), /\nnot available +resource use/)
  })

  it('has the sources of a field as JSON', () => {
    assert.deepEqual(fieldJson({ ...row('evt.buflen'), sigma: [] }), {
      name: 'evt.buflen',
      group: 'event',
      type: 'UINT64',
      unit: 'bytes',
      doc: 'Bytes that were sent or received, including those that evt.buffer lacks.',
      argument: 'none',
      list: false,
      events: { network: ['send', 'receive'] },
      source: ['NetworkEvent.type', 'NetworkEvent.result'],
      sigma: [],
      available: true,
      unavailable: null,
      deprecated: null,
      filterOnly: false,
      needsFacts: false,
      eunomiaOnly: false,
    })
  })
})
