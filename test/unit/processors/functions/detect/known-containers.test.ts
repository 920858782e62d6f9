// What is remembered of containers: never for another one.
import assert from 'node:assert/strict'
import { KnownContainers } from '../../../../../processors/functions/detect/known-containers.js'
import type { HostBoot } from '../../../../../processors/membership/membership-key.js'
import { RecordScanners } from '../../../../../processors/rule-engine/compiled/record-scanners.js'
import type { ScannedRecord } from '../../../../../processors/rule-engine/fields/bytes/scanned-record.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { ContainerFacts, Origin } from '../../../../../schemas/generated/types.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcess } from '../../../../support/records/sample-records.js'

const codec = new Codec()
const scanners = new RecordScanners(codec)

function scanned(containerId: string | null, origin: Partial<Origin> = {}): ScannedRecord {
  const bytes = codec.encode('file', sampleFileEvent({ process: sampleProcess({ containerId }), origin: sampleOrigin(origin) }))
  return scanners.of('file').scan(bytes, 0, bytes.length) ?? assert.fail()
}

describe('known containers', () => {
  let asked: string[]
  let known: KnownContainers
  const facts = new Map<string, ContainerFacts>()
  const find = ({ bootId, hostId }: HostBoot, containerId: string): ContainerFacts | null => {
    const name = [hostId, bootId, containerId].join(' ')
    asked.push(name)
    return facts.get(name) ?? null
  }
  const factsOf = (containerId: string | null, origin: Partial<Origin> = {}): ContainerFacts | null =>
    known.factsOf(scanned(containerId, origin), find)

  beforeEach(() => {
    asked = []
    facts.clear()
    known = new KnownContainers()
  })

  it('are asked for once, by host, boot and id', () => {
    const { bootId, hostId } = sampleOrigin()
    const other = 'f2f0f9a0-0000-4000-8000-000000000000'
    const names = [
      [hostId, bootId, 'a'],
      [other, bootId, 'a'],
      [hostId, other, 'a'],
      [hostId, bootId, 'ab'],
      [hostId, bootId, 'b'.repeat(64)],
    ]
    for (const name of names) facts.set(name.join(' '), sampleContainerFacts({ name: name.join('-') }))
    for (let round = 0; round < 3; round++) {
      for (const [host = '', boot = '', id = ''] of names)
        assert.equal(factsOf(id, { hostId: host, bootId: boot }), facts.get([host, boot, id].join(' ')))
    }
    assert.deepEqual(
      asked,
      names.map((name) => name.join(' ')),
    )
  })

  it('are asked for again while their facts are not known, and never outside of a container', () => {
    assert.equal(factsOf(null), null)
    assert.deepEqual(asked, [])
    assert.equal(factsOf('c'), null)
    assert.equal(factsOf('c'), null)
    facts.set(asked[0] ?? '', sampleContainerFacts())
    assert.notEqual(factsOf('c'), null)
    assert.equal(asked.length, 3)
    assert.equal(factsOf('c'), factsOf('c'))
    assert.equal(asked.length, 3)
  })

  it('are right when there are more than places', () => {
    const { bootId, hostId } = sampleOrigin()
    for (let index = 0; index < 20_000; index++) {
      const id = String(index)
      facts.set([hostId, bootId, id].join(' '), sampleContainerFacts({ name: id }))
      assert.equal(factsOf(id)?.name, id)
      if (index % 7 === 0) assert.equal(factsOf(String(index >> 1))?.name, String(index >> 1))
    }
  })

  it('are not remembered by a long id', () => {
    const { bootId, hostId } = sampleOrigin()
    const id = 'x'.repeat(200)
    facts.set([hostId, bootId, id].join(' '), sampleContainerFacts())
    for (let round = 0; round < 2; round++) assert.notEqual(factsOf(id), null)
    assert.equal(asked.length, 2)
  })
})
