// A line of CEF: read by the rules of the format, each value is what the alert had, and no value begins a key, a field of the head or a line.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { cefLineOf } from '../../../../schemas/cef/cef-line.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { arbitraryAlert, hostileAlerts } from '../../../support/records/hostile-alert.js'
import { testAlert } from '../../../support/records/test-alert.js'

describe('an alert as a line of CEF', () => {
  it('has the head and the extensions of the format in a fixed order', () => {
    const line = cefLineOf(testAlert({ priority: 'critical' }), '1.2.3')
    assert.ok(line.startsWith('CEF:0|Eunomia|Eunomia|1.2.3|Credential file read|Credential file read|8|rt=1700000001123 externalId=a1a1'))
    const { keys } = parse(line)
    assert.deepEqual(keys.slice(0, 5), ['rt', 'externalId', 'cat', 'act', 'msg'])
    assert.deepEqual(keys, parse(cefLineOf(testAlert(), '1.2.3')).keys)
  })

  it('says unknown for a priority that is not known', () => {
    assert.ok(cefLineOf(testAlert({ priority: 'UNKNOWN' }), '1').includes('|Unknown|rt='))
  })

  it('gives back any text unchanged, and no key of its own', () => {
    const check = (alert: Alert): void => {
      const line = cefLineOf(alert, '1')
      assert.ok(!/[\r\n\0]/.test(line))
      const { head, keys, values } = parse(line)
      assert.equal(head.length, 7)
      assert.equal(new Set(keys).size, keys.length, 'a key is there twice')
      assert.equal(values.get('externalId'), noNul(alert.alertId))
      assert.equal(values.get('msg'), noNul(alert.output))
      if (alert.process.args.length > 0) assert.equal(values.get('cs1'), noNul(alert.process.args.join(' ')))
      assert.equal(head[5], alert.rule.replace(/[\r\n\0]+/g, ' '))
    }
    for (const alert of hostileAlerts()) check(alert)
    fc.assert(fc.property(arbitraryAlert(), check))
  })
})

const noNul = (text: string): string => text.replace(/\0/g, '\ufffd')

/** Reads a line as the specification says: a key begins after a space, or at the start, and ends at an equals sign without a backslash. */
function parse(line: string): { head: string[]; keys: string[]; values: Map<string, string> } {
  const head: string[] = []
  let part = ''
  let at = 0
  for (; head.length < 7; at++) {
    const character = line[at]
    assert.ok(character !== undefined, 'the head is too short')
    if (character === '|') {
      head.push(part)
      part = ''
    } else part += character === '\\' ? (line[++at] ?? '') : character
  }
  const starts = [...line.slice(at).matchAll(/(?<=^| )([A-Za-z0-9_]+)=/g)].map((match) => ({ key: match[1] ?? '', from: match.index }))
  const rest = line.slice(at)
  const values = new Map<string, string>()
  for (const [index, { key, from }] of starts.entries()) {
    const next = starts[index + 1]
    const raw = rest.slice(from + key.length + 1, next === undefined ? undefined : next.from - 1)
    values.set(
      key,
      raw.replace(/\\([\\=nr])/g, (_, character: string) => (character === 'n' ? '\n' : character === 'r' ? '\r' : character)),
    )
  }
  return { head, keys: starts.map(({ key }) => key), values }
}
