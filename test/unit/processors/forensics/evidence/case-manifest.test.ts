// Evidence: the same files give the same bytes, every change is named, and what is no plain zip of files is refused.
import { zipSync } from 'fflate'
import assert from 'node:assert/strict'
import { checkCase, damageOf, MANIFEST, sealCase } from '../../../../../processors/forensics/evidence/case-manifest.js'
import { EvidenceInvalidError, packCase, unpackCase } from '../../../../../processors/forensics/evidence/zip-file.js'
import { hostileStory } from '../../../../support/forensics/hostile-story.js'

const FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ['alert.json', Buffer.from('{"a":1}\n')],
  ['events/file.jsonl', Buffer.from('{"topic":"file"}\n'.repeat(500))],
  ['records/file.jsonl', Buffer.alloc(0)],
])

const ABOUT = { alertSource: 'topic', events: 3, eventsBeyond: 0 } as const

function sealed(): Buffer {
  return Buffer.from(sealCase(FILES, hostileStory('plain'), ABOUT).zip)
}

/** The case with other files: what somebody does who unpacks it and packs it again. */
function changed(change: (files: Map<string, Uint8Array>) => void): Buffer {
  const files = new Map(unpackCase(sealed()))
  change(files)
  return Buffer.from(packCase(files))
}

/** Any zip. */
function zipOf(files: Readonly<Record<string, Uint8Array>>): Buffer {
  return Buffer.from(zipSync({ ...files }, { mtime: new Date(1980, 0, 1) }))
}

describe('evidence of an alert', () => {
  it('is whole as it was written, and the same files give the same bytes', () => {
    const report = checkCase(sealed())
    assert.equal(damageOf(report), null)
    assert.deepEqual([report.files, report.about['events']], [3, 3])
    assert.ok(sealed().equals(sealed()))
    assert.equal(report.manifestSha256, sealCase(FILES, hostileStory('plain'), ABOUT).manifestSha256)
    assert.deepEqual(
      [...unpackCase(sealed())].slice(0, 3).map(([name, content]) => [name, Buffer.from(content)]),
      [...FILES].map(([name, content]) => [name, Buffer.from(content)]),
    )
  })

  it('names every changed, missing and added file', () => {
    const zip = changed((files) => {
      files.set('alert.json', Buffer.from('{"a":2}\n'))
      files.delete('records/file.jsonl')
      files.set('events/other.jsonl', Buffer.from('x'))
    })
    assert.equal(
      damageOf(checkCase(zip)),
      '1 file changed: alert.json; 1 file missing: records/file.jsonl; 1 file added: events/other.jsonl',
    )
  })

  it('refuses a manifest that is missing, damaged or lists a file twice', () => {
    const manifestOf = (text: string) => () => checkCase(changed((files) => files.set(MANIFEST, Buffer.from(text))))
    assert.throws(() => checkCase(changed((files) => files.delete(MANIFEST))), EvidenceInvalidError)
    for (const text of ['', '[]', '{"format":"eunomia-evidence-2","files":[]}', '{"format":"eunomia-evidence-1","files":[{"name":"a"}]}'])
      assert.throws(manifestOf(text), EvidenceInvalidError)
    const manifest = Buffer.from(unpackCase(sealed()).get(MANIFEST) ?? []).toString()
    assert.throws(manifestOf(manifest.replace('"events"', '"nonce": 7, "events"')), EvidenceInvalidError)
    const file = '{"name":"a","bytes":1,"sha256":"x"}'
    assert.throws(manifestOf(`{"format":"eunomia-evidence-1","files":[${file},${file}]}`), EvidenceInvalidError)
  })

  it('finds a flipped bit anywhere, unless it changes no file: a packed one may end within a byte', () => {
    const zip = sealed()
    for (let at = 0; at < zip.length; at += 7) {
      const flipped = Buffer.from(zip)
      flipped[at] = (flipped[at] ?? 0) ^ 0x10
      let damage: string | null
      try {
        damage = damageOf(checkCase(flipped))
      } catch (error) {
        assert.ok(error instanceof EvidenceInvalidError, String(error))
        continue
      }
      if (damage === null) assert.deepEqual(unpackCase(flipped), unpackCase(zip), `byte ${String(at)}`)
    }
  })

  it('refuses names that lead elsewhere, and two files of one name', () => {
    const content = Buffer.from('x')
    for (const name of ['../x', 'a/../../x', '/etc/passwd', 'a\\b', 'C:x', 'a//b', './a', 'a/.', '.hidden', 'a\nb', 'ä', ''])
      assert.throws(() => unpackCase(zipOf({ [name]: content })), EvidenceInvalidError, name)
    const twice = zipOf({ aaaa: content, aaab: content })
    for (let at = twice.indexOf('aaab'); at >= 0; at = twice.indexOf('aaab')) twice.write('aaaa', at)
    assert.throws(() => unpackCase(twice), /two files named aaaa/)
  })

  it('refuses bombs: lengths that lie, too much in all, and files that share bytes', () => {
    const bomb = zipOf({ a: Buffer.alloc(50 << 20) })
    for (const at of [22, bomb.indexOf('PK\u0001\u0002', 0, 'latin1') + 24]) bomb.writeUInt32LE(10, at)
    assert.throws(() => unpackCase(bomb), /can't be unpacked/)
    const huge = zipOf({ a: Buffer.from('x') })
    huge.writeUInt32LE(0xfffffff0, 22)
    assert.throws(() => unpackCase(huge), /unpacks to too much/)
    // The directory names the first file twice.
    const two = zipOf({ aa: Buffer.from('x'.repeat(99)), bb: Buffer.from('y'.repeat(99)) })
    two.writeUInt32LE(0, two.lastIndexOf('PK\u0001\u0002', undefined, 'latin1') + 42)
    assert.throws(() => unpackCase(two), /directory/)
  })

  it('refuses bytes that belong to no file: before, between and after them, comments and other directories', () => {
    const zip = sealed()
    const directory = zip.indexOf('PK\u0001\u0002', 0, 'latin1')
    const hidden = Buffer.from('hidden')
    assert.throws(() => unpackCase(Buffer.concat([hidden, zip])), EvidenceInvalidError)
    assert.throws(() => unpackCase(Buffer.concat([zip, hidden])), EvidenceInvalidError)
    assert.throws(() => unpackCase(Buffer.concat([zip.subarray(0, directory), hidden, zip.subarray(directory)])), EvidenceInvalidError)
    const commented = Buffer.concat([zip, hidden])
    commented.writeUInt16LE(hidden.length, zip.length - 2)
    assert.throws(() => unpackCase(commented), EvidenceInvalidError)
    for (const [place, value] of [
      [4, 0x031e],
      [36, 1],
      [38, 0xa1ff_0000],
    ] as const) {
      const linked = Buffer.from(zip)
      if (place === 38) linked.writeUInt32LE(value, directory + place)
      else linked.writeUInt16LE(value, directory + place)
      assert.throws(() => unpackCase(linked), /directory/, String(place))
    }
    assert.throws(() => packCase(new Map([['rules/my..rules.yaml', Buffer.from('x')]])), RangeError)
    const renamed = Buffer.from(zip)
    renamed.write('other.json', renamed.indexOf('alert.json', directory))
    assert.throws(() => unpackCase(renamed), /directory/)
    for (const end of [0, 1, 21, 22, 100, zip.length - 1]) assert.throws(() => unpackCase(zip.subarray(0, end)), EvidenceInvalidError)
  })
})
