// docs/siem.md shows the table of severities as it is.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { ALERT_SEVERITY } from '../../../schemas/alert-severity.js'

describe('severities', () => {
  const page = readFileSync(join(packageRoot(), 'docs', 'siem.md'), 'utf8')
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))

  for (const [priority, { ocsf, ocsfName, ecs, cef, syslog, pager }] of Object.entries(ALERT_SEVERITY)) {
    it(`of ${priority} are in docs/siem.md`, () => {
      const row = rows.find(([, name]) => name === priority)
      assert.deepEqual(row?.slice(2, 7), [`${String(ocsf)} ${ocsfName}`, String(ecs), String(cef), String(syslog), pager])
    })
  }
})
