// A secret is sent to its receiver and seen nowhere else.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { readSecret } from '../../../../../processors/delivery/credentials/secret.js'
import { tlsFilesOf } from '../../../../../processors/delivery/credentials/tls.js'

describe('a secret', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'eunomia-secret-'))))
  after(() => rmSync(folder, { recursive: true, force: true }))

  function fileWith(text: string): string {
    const file = join(folder, 'secret')
    writeFileSync(file, text)
    return file
  }

  it('is read from a file without the line break at its end, or from a variable', () => {
    assert.equal(readSecret({ file: fileWith('S3CRET\n') }).reveal(), 'S3CRET')
    assert.equal(readSecret({ file: fileWith(' S3\nCRET ') }).reveal(), ' S3\nCRET ')
    assert.equal(readSecret({ env: 'TOKEN' }, { TOKEN: 'S3CRET' }).reveal(), 'S3CRET')
  })

  it('is masked in texts, JSON and logs', () => {
    const secret = readSecret({ env: 'TOKEN' }, { TOKEN: 'S3CRET' })
    for (const shown of [String(secret), JSON.stringify({ secret }), inspect({ secret }), inspect(secret, { showHidden: true })]) {
      assert.ok(shown.includes('********') && !shown.includes('S3CRET'), shown)
    }
  })

  it('that is missing, empty or far too long is a mistake that names its place', () => {
    assert.throws(() => readSecret({ env: 'TOKEN' }, {}), /variable TOKEN/)
    assert.throws(() => readSecret({ file: join(folder, 'missing') }), /missing.*can't be read/)
    assert.throws(() => readSecret({ file: fileWith('') }), /is empty or too large/)
    assert.throws(
      () => readSecret({ file: fileWith('S3CRET'.repeat(20_000)) }),
      (error: Error) => !error.message.includes('S3CRET'),
    )
  })

  it('of TLS is a file, and one that is missing is named', () => {
    assert.deepEqual(tlsFilesOf({ caFile: fileWith('PEM'), serverName: 'siem.example' }), { ca: 'PEM', servername: 'siem.example' })
    assert.throws(() => tlsFilesOf({ keyFile: join(folder, 'missing') }), /missing for TLS of a sink can't be read/)
  })
})
