// What the flags of a hunt ask for. A hunt that can find nothing is refused: its "no hit" would be read as an all-clear.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInHost } from '../../../support/system/command-host.js'

describe('the flags of a hunt', () => {
  let folder = ''
  before(() => (folder = mkdtempSync(join(tmpdir(), 'eunomia-hunt-flags-'))))
  after(() => rmSync(folder, { recursive: true }))

  async function refusal(name: string, text: string): Promise<string> {
    const file = join(folder, name)
    writeFileSync(file, text)
    const { status, stderr } = await runInHost(['hunt', file, '--since', '1h'], { environment: {} })
    assert.equal(status, 2, stderr)
    return stderr
  }

  it('refuse rules of which none can fire', async () => {
    const rule = { title: 't', logsource: { product: 'linux', category: 'process_creation' }, level: 'low' }
    const detection = { one: { 'Imagee|endswith': '/nc' }, condition: 'one' }
    assert.match(
      await refusal('typo.yml', JSON.stringify({ ...rule, detection })),
      /nothing would be searched: none of 1 rule can fire; eunomia rules check/,
    )
  })

  it('refuse files without a rule', async () => {
    assert.match(await refusal('empty.yaml', '[]'), /nothing would be searched: there is no rule/)
  })
})
