import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkArchive } from '../../../../cli/doctor/archive-check.js'
import { loadConfig } from '../../../../infra/config/load-config.js'

describe('the check of the archive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-doctor-'))
  after(() => rmSync(folder, { recursive: true }))

  const check = async (url: string | null): ReturnType<typeof checkArchive> => {
    const environment = url === null ? {} : { EUNOMIA_ARCHIVE_URL: url }
    return await checkArchive(loadConfig({ file: undefined, environment, flags: [] }).config)
  }

  it('writes, reads and removes an object', async () => {
    const [result] = await check(join(folder, 'archive'))
    assert.equal(result?.status, 'ok')
    assert.match(result.detail, /archive/)
    const left = readdirSync(join(folder, 'archive'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    assert.deepEqual(left, [])
  })

  it('names what is in the way, and says nothing without an archive', async () => {
    writeFileSync(join(folder, 'file'), '')
    const [result] = await check(join(folder, 'file'))
    assert.equal(result?.status, 'warning')
    assert.match(result.fix ?? '', /archive\.url/)
    assert.deepEqual(await check(null), [])
  })
})
