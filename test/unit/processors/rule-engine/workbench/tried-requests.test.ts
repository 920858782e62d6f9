// Requests whose rules were made to hang or end the program.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../../../../infra/process/errors.js'
import { TriedRequests } from '../../../../../processors/rule-engine/workbench/tried-requests.js'

const rule = (name: string, condition: string): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: WARNING\n`
/** Minutes of RE2. */
const SLOW = Array.from({ length: 300 }, (_, index) =>
  rule(`slow ${String(index)}`, `evt.type = open and fd.name regex "${'a{1,90}'.repeat(120)}${String(index)}"`),
).join('')
const GOOD = rule('good', 'evt.type = open and fd.name = /etc/shadow')

describe('requests with rules', () => {
  const bounds = { deadlineMs: 1_000, setMs: 500, fileMs: 500, maxMib: 512 }

  it('that would hold up the program are refused, wherever they hold them, and others pass', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-requests-'))
    try {
      const file = join(folder, 'slow.yaml')
      writeFileSync(file, SLOW)
      const requests = new TriedRequests({}, bounds)
      for (const hostile of [{ rules: [SLOW] }, { files: [{ name: 'r', text: SLOW }] }, { rulesFiles: [file] }])
        await assert.rejects(requests.tried(hostile), (error) => error instanceof UsageError && /too long|longer than/.test(error.message))
      for (const good of [
        { rules: [GOOD] },
        { rules: [GOOD.repeat(1), rule('r', 'proc.name regex "a.*" and fd.name regex "b.*"')] },
        { condition: 'x' },
      ])
        assert.equal(await requests.tried(good), good)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }).timeout(60_000)
})
