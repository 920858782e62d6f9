// Given events: their forms, and the errors for invalid input.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventTitle, sourceOf, type GivenEvent } from '../../../../../../processors/rule-engine/workbench/given-events/given-event.js'
import { readEventFile, readEventFiles, readEvents } from '../../../../../../processors/rule-engine/workbench/given-events/read-events.js'
import { RECORD_KINDS } from '../../../../../../schemas/generated/calls.js'
import { resolveField } from '../../../../../../processors/rule-engine/fields/catalogue.js'
import { UNKNOWN } from '../../../../../../processors/rule-engine/fields/field-value.js'

function value(event: GivenEvent | undefined, name: string): unknown {
  const field = resolveField(name, null)
  assert.ok(!('problem' in field) && event !== undefined)
  return sourceOf(event).value(field)
}
const fieldsOf = (text: string): unknown[] => readEvents(text, 'f').map((event) => (event.kind === 'fields' ? event.fields : 'record'))

const ID = 'a'.repeat(64)
const record = (more: object): string => JSON.stringify({ topic: 'file', type: 'open', syscall: 'openat', path: '/x', result: 3, ...more })

describe('a file of events', () => {
  it('holds one object, a list, one a line, or several in sequence', () => {
    assert.deepEqual(fieldsOf('{"a":1}'), [{ a: 1 }])
    assert.deepEqual(fieldsOf('[{"a":1},{"a":2}]'), [{ a: 1 }, { a: 2 }])
    assert.deepEqual(fieldsOf('{"a":1}\n\n{"a":"}\\"{"}\n'), [{ a: 1 }, { a: '}"{' }])
    assert.deepEqual(fieldsOf('{\n "a": 1\n}\n{\n "a": 2\n}'), [{ a: 1 }, { a: 2 }])
  })
  it('may be YAML', () => {
    assert.deepEqual(fieldsOf('proc.name: cat\n---\nproc.name: dog\n'), [{ 'proc.name': 'cat' }, { 'proc.name': 'dog' }])
    assert.deepEqual(fieldsOf('- proc.name: cat\n'), [{ 'proc.name': 'cat' }])
  })
  it('is refused with the line where it stops being JSON', () => {
    assert.throws(() => readEvents('{"a":1}\n{"a":\n', 'f.json'), /f\.json:2: invalid JSON/)
    assert.throws(() => readEvents('[1]', 'f.json'), /f\.json: event 1: expected an object/)
    assert.throws(() => readEvents('a: [', 'f.yaml'), /f\.yaml: /)
  })
  it('is one of several, read in order; the facts of a container in one are those of all', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-events-'))
    try {
      const [first, second] = [join(folder, 'a.json'), join(folder, 'b.json')]
      writeFileSync(first, '{"a":1}\n{"a":2}')
      const facts = JSON.stringify({ topic: 'container', type: 'facts', containerId: ID, facts: { name: 'web' } })
      writeFileSync(second, `{"a":3}\n${facts}`)
      assert.deepEqual(
        readEventFiles([second, first]).map((event) => (event.kind === 'fields' ? event.fields['a'] : 'record')),
        [3, 1, 2],
      )
      writeFileSync(first, record({ process: { containerId: ID } }))
      assert.equal(value(readEventFiles([first, second])[0], 'container.name'), 'web')
      assert.throws(() => readEventFiles(['-', first, '-']), /standard input \(-\) can be read only once/)
      writeFileSync(first, facts)
      assert.throws(() => readEventFiles([first]), /a\.json: no event in it/)
      writeFileSync(first, '')
      assert.throws(() => readEventFiles([second, first]), /a\.json: no event in it/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  it('is at most 64 MiB with the others; the error names the commands that read more', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-events-'))
    try {
      const [small, large] = [join(folder, 'small.json'), join(folder, 'large.json')]
      writeFileSync(small, '{"a":1}')
      writeFileSync(large, '')
      truncateSync(large, 64 * 1024 * 1024)
      assert.throws(
        () => readEventFiles([small, large]),
        /large\.json: more than 64 MiB of events; rules top --events and rules diff --events/,
      )
      truncateSync(large, 64 * 1024 * 1024 + 1)
      assert.throws(() => readEventFile(large), /large\.json: more than 64 MiB/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
  it('that does not exist is an error with its name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-events-'))
    try {
      assert.throws(() => readEventFile(join(folder, 'none.json')), /none\.json: can't be read/)
      writeFileSync(join(folder, 'one.json'), '\uFEFF{"a":1}')
      assert.equal(readEventFile(join(folder, 'one.json')).length, 1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a given record', () => {
  it('needs only what matters; the rest is blank', () => {
    const [event] = readEvents(record({ isRead: true, process: { name: 'cat', args: ['cat', '/x'] } }), 'f')
    assert.equal(value(event, 'fd.name'), '/x')
    assert.equal(value(event, 'proc.cmdline'), 'cat /x')
    assert.equal(value(event, 'container.id'), 'host')
    assert.equal(event === undefined ? '' : eventTitle(event), 'file openat /x by cat')
  })
  it('has the container facts of another line, wherever that is; such a line is no event', () => {
    const facts = (containerId: string): string =>
      JSON.stringify({ topic: 'container', type: 'facts', containerId, facts: { name: 'web' } })
    const inContainer = record({ process: { containerId: ID } })
    const events = readEvents([inContainer, facts(ID), facts('b'.repeat(64)), inContainer].join('\n'), 'f')
    assert.deepEqual(
      events.map((event) => value(event, 'container.name')),
      ['web', 'web'],
    )
    const misspelt = JSON.stringify({ topic: 'container', containerId: ID, facts: { nam: 'web' } })
    assert.throws(() => readEvents(misspelt, 'f'), /f: facts of a container: facts\.nam: no such part \(did you mean 'name'\?\)/)
  })
  it('states what is known of its container', () => {
    const inContainer = (container: unknown): GivenEvent | undefined =>
      readEvents(record({ container, process: { containerId: ID } }), 'f')[0]
    assert.equal(value(inContainer({ name: 'web' }), 'container.name'), 'web')
    assert.equal(value(inContainer(undefined), 'container.name'), UNKNOWN)
    assert.equal(value(inContainer('unknown'), 'container.name'), UNKNOWN)
    assert.equal(value(inContainer('absent'), 'container.name'), undefined)
    const isNone = record({ container: { name: 'web' }, process: { containerId: null } })
    assert.throws(() => readEvents(isNone, 'f'), /container: has facts, but process\.containerId/)
    assert.throws(() => readEvents(record({ container: 'hots' }), 'f'), /container: expected host, unknown, absent/)
  })
  it('may omit the id of a container whose facts it contains', () => {
    const [event] = readEvents(record({ container: { name: 'web' }, process: { name: 'cat' } }), 'f')
    assert.deepEqual(
      ['container.name', 'container.id', 'proc.name'].map((name) => value(event, name)),
      ['web', '000000000000', 'cat'],
    )
  })
  it('has the type that follows from its system call if it has none', () => {
    const typeOf = (given: object): unknown => {
      const [event] = readEvents(JSON.stringify(given), 'f')
      return event?.kind === 'record' ? event.ruleEvent.event.record.type : null
    }
    for (const [topic, kinds] of Object.entries(RECORD_KINDS)) {
      for (const [type, calls] of Object.entries(kinds)) {
        const [syscall = ''] = calls.filter((call) => !['procexit', 'dns', 'signaldeliver', 'oom_kill', 'drop'].includes(call))
        if (syscall !== '') assert.equal(typeOf({ topic, syscall }), type, `${topic} ${syscall}`)
      }
    }
    assert.equal(typeOf({ topic: 'network', syscall: 'connect', type: 'dns' }), 'dns')
    const [event] = readEvents('{"topic": "file", "syscall": "openat", "path": "/x", "process": {"name": "cat"}}', 'f')
    assert.equal(value(event, 'fd.name'), '/x')
  })
  it('is refused with the nearest name for an unknown part or value', () => {
    assert.throws(() => readEvents(record({ pth: '/x' }), 'f'), /pth: no such part \(did you mean 'path'\?\)/)
    assert.throws(() => readEvents(record({ process: { nmae: 'x' } }), 'f'), /process\.nmae: no such part \(did you mean 'name'\?\)/)
    assert.throws(
      () => readEvents(record({ syscall: 'openatt' }), 'f'),
      /syscall: 'openatt' is not one of its names \(did you mean 'openat'\?\)/,
    )
    assert.throws(() => readEvents(record({ result: 'x' }), 'f'), /result: expected a whole number/)
    assert.throws(() => readEvents(record({ container: { nam: 'web' }, process: { containerId: ID } }), 'f'), /container\.nam/)
  })
})

describe('an event of Windows', () => {
  it('is flat, names of EventData before those of System', () => {
    const event = {
      Event: {
        System: { Provider: { '#attributes': { Name: 'Sysmon' } }, EventID: { '#text': 1 }, Channel: 'c', Computer: 'pc' },
        EventData: { Image: 'C:\\a.exe', Computer: 'other' },
      },
    }
    assert.deepEqual(fieldsOf(JSON.stringify(event)), [
      { Name: 'Sysmon', EventID: 1, Channel: 'c', Computer: 'other', Provider_Name: 'Sysmon', Image: 'C:\\a.exe' },
    ])
  })
  it('may have its data as a list of names and texts', () => {
    const data = [
      { '#attributes': { Name: 'Image' }, '#text': 'x' },
      { '#attributes': { Name: '__proto__' }, '#text': 'y' },
    ]
    const [fields] = fieldsOf(JSON.stringify({ Event: { EventData: { Data: data } } }))
    assert.deepEqual(Object.entries(fields as object), [
      ['Image', 'x'],
      ['__proto__', 'y'],
    ])
  })
})
