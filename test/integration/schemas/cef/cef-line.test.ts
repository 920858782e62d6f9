// Lines of CEF, read by an independent parser, liblognorm: hostile texts come back unchanged, and make no key of their own.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { alertWriter } from '../../../../schemas/alert-formats.js'
import { HOSTILE_TEXTS, hostileAlert } from '../../../support/records/hostile-alert.js'

const LINES = 10_000

describe('lines of CEF in liblognorm', function () {
  let folder: string

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-cef-'))
    writeFileSync(join(folder, 'rules'), 'version=2\nrule=:%f:cef%\n')
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  it(`give back ${String(LINES)} hostile texts unchanged`, () => {
    const letters = fc.constantFrom(
      '=',
      '|',
      '\\',
      ' ',
      '\n',
      '\r',
      'n',
      'r',
      'msg',
      'cs1=',
      '"',
      '<',
      '\t',
      '\u001b',
      '\u0085',
      'é',
      '\u{1f600}',
      ':',
      '0',
    )
    const texts = [
      ...HOSTILE_TEXTS,
      ...fc.sample(fc.string({ unit: letters, maxLength: 40 }), { numRuns: LINES - HOSTILE_TEXTS.length, seed: 13 }),
    ]
    const write = alertWriter('cef')
    const input = texts.map((text) => `${write(hostileAlert(text, { rule: 'r', ruleId: 'r' }))}\n`).join('')
    const output = execFileSync('lognormalizer', ['-r', join(folder, 'rules'), '-e', 'json'], {
      input,
      maxBuffer: 1 << 30,
      encoding: 'utf8',
    })
    const lines = output.trimEnd().split('\n')
    assert.equal(lines.length, texts.length)
    const keys = new Set<string>()
    for (const [index, text] of texts.entries()) {
      const read = JSON.parse(lines[index] ?? '') as { f?: { Extensions: Readonly<Record<string, string>> } }
      const extensions = read.f?.Extensions
      assert.ok(extensions !== undefined, `not read: ${JSON.stringify(text.slice(0, 80))}`)
      assert.equal(extensions['msg'], text)
      assert.equal(extensions['cs1'], `${text} ${text}`)
      assert.equal(extensions['filePath'], `/tmp/${text}`)
      for (const key of Object.keys(extensions)) keys.add(key)
    }
    // The parser takes the first letter off the first key.
    const expected =
      't externalId cat act msg dvchost deviceExternalId sproc spid suser suid filePath cs1Label cs1 cs2Label cs2 cs3Label cs3'
    for (const key of `${expected} cs4Label cs4 cs5Label cs5 cs6Label cs6 fileHash sourceProcessPath podNamespace podName facts`.split(
      ' ',
    )) {
      keys.delete(key)
    }
    assert.deepEqual([...keys], [])
  })
})
