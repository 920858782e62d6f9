import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RowOutput } from '../../../../cli/hunt/row-output.js'
import { UsageError } from '../../../../infra/process/errors.js'
import { testAlert } from '../../../support/records/test-alert.js'

describe('rows of a hunt', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'eunomia-rows-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('go into a new file, a line for each', () => {
    const path = join(folder, 'rows.jsonl')
    const output = new RowOutput({ format: 'json', output: path })
    output.write(testAlert({ output: 'one\nline' }))
    output.write(testAlert())
    output.close()
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { output: string }).output),
      ['one\nline', testAlert().output],
    )
    // Earlier results are not overwritten.
    assert.throws(() => new RowOutput({ format: 'json', output: path }), UsageError)
    assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 2)
  })

  it('name a file that can not be made', () => {
    const make = (): RowOutput => new RowOutput({ format: 'table', output: join(folder, 'no/rows.txt') })
    assert.throws(make, (error) => error instanceof UsageError && error.message.includes('no/rows.txt'))
  })
})
