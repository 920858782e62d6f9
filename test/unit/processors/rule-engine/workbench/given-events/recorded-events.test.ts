// Files of recorded events: what is read, where facts of containers come from, and what is said of a bad line.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordedEvents } from '../../../../../../processors/rule-engine/workbench/given-events/recorded-events.js'
import type { RuleEvent } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { bytesAsBase64 } from '../../../../../../schemas/record-json.js'
import {
  sampleContainerFacts,
  sampleOrigin,
  sampleFileEvent,
  sampleProcess,
  sampleProcessEvent,
} from '../../../../../support/records/sample-records.js'

const ID = 'c'.repeat(64)

describe('RecordedEvents', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'eunomia-events-'))))
  after(() => rmSync(folder, { recursive: true }))

  const printed = (topic: string, record: object): string => JSON.stringify({ topic, ...record }, bytesAsBase64)
  const inContainer = printed('file', sampleFileEvent({ process: sampleProcess({ containerId: ID }) }))
  const event = { type: 'facts', containerId: ID, runtime: 'docker', facts: sampleContainerFacts({ name: 'shop' }), origin: sampleOrigin() }
  const facts = printed('container', event)

  async function read(...lines: readonly string[]): Promise<{ events: RuleEvent[]; source: RecordedEvents }> {
    const path = join(folder, 'events.jsonl')
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
    const source = new RecordedEvents(path)
    const events: RuleEvent[] = []
    for await (const event of source.read()) events.push(event)
    return { events, source }
  }

  it('returns the events in order, on the host only if no container is confirmed, claimed or unknown', async () => {
    const none = { containerId: null, containerClaim: null }
    const of = (more: object): string => printed('process', sampleProcessEvent({ process: sampleProcess({ ...none, ...more }) }))
    const { events } = await read(of({}), '', of({ containerClaim: ID }), of({ isContainerUnknown: true }), inContainer)
    assert.deepEqual(
      events.map(({ event, container }) => [event.topic, container]),
      [
        ['process', { state: 'host' }],
        ['process', { state: 'absent', containerId: ID, isClaimed: true }],
        ['process', { state: 'absent', containerId: undefined, isClaimed: false }],
        ['file', { state: 'absent', containerId: ID, isClaimed: false }],
      ],
    )
  })

  it('takes the facts of a container from the file, even if they come after its events', async () => {
    const { events } = await read(inContainer, facts)
    const [container] = events.map((event) => event.container)
    assert.ok(container?.state === 'known')
    assert.equal(container.facts.name, 'shop')
  })

  it('counts lines of topics that no rule reads', async () => {
    const { events, source } = await read('{"topic":"host"}', inContainer)
    assert.deepEqual([events.length, source.counts], [1, { events: 1, otherTopics: 1, containersRefused: 0 }])
  })

  const faults: readonly (readonly [line: string, message: RegExp])[] = [
    ['{', /events\.jsonl:2: invalid JSON: /],
    ['[]', /events\.jsonl:2: no event .*: expected an object with a topic$/],
    ['{"topic":"file"}', /events\.jsonl:2: no event .*: syscall: expected a value$|events\.jsonl:2: no event .*: type: expected a value$/],
    [`{"topic":"file","x":"${'x'.repeat(1 << 20)}"}`, /events\.jsonl:2: the line is longer than 1048576 bytes$/],
  ]
  for (const [line, message] of faults) {
    it(`names the line of ${line.slice(0, 20)}`, async () => {
      await assert.rejects(read(inContainer, line), { code: 'EUNOMIA_USAGE', message })
    })
  }

  it('refuses a file that does not exist', async () => {
    const events = new RecordedEvents(join(folder, 'nowhere')).read()
    await assert.rejects(events.next(), { code: 'EUNOMIA_USAGE', message: /nowhere: can't be read: ENOENT/ })
  })
})
