// Each field of a document is one of the Elastic Common Schema, with its type, whatever an alert holds.
import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { inspect } from 'node:util'
import { EcsFlat } from '@elastic/ecs'
import fc from 'fast-check'
import { ecsDocumentOf } from '../../../../schemas/ecs/ecs-document.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { arbitraryAlert, hostileAlert, hostileAlerts } from '../../../support/records/hostile-alert.js'
import { testAlert } from '../../../support/records/test-alert.js'

interface EcsFact {
  readonly type: string
  readonly normalize: readonly string[]
  readonly allowed_values?: readonly { readonly name: string; readonly expected_event_types?: readonly string[] }[]
}
const ECS = EcsFlat as unknown as Readonly<Record<string, EcsFact | undefined>>
const NETWORK = {
  localAddress: '172.17.0.2',
  localPort: 40_312,
  remoteAddress: '203.0.113.7',
  remotePort: 443,
  unixPath: null,
  family: 2,
  protocol: 6,
  isServer: null,
  domain: 'shop.example',
}

describe('an alert as an ECS document', () => {
  it('has only fields of ECS with their types, for any alert', () => {
    for (const alert of [testAlert(), testAlert({ network: NETWORK }), ...hostileAlerts()]) checkDocument(alert)
    fc.assert(fc.property(arbitraryAlert(), checkDocument))
  })

  it('has what people search for', () => {
    const flat = flatten(ecsDocumentOf(hostileAlert('x', { network: NETWORK, priority: 'error' })))
    assert.equal(flat.get('@timestamp'), '2023-11-14T22:13:21.123456Z')
    assert.equal(flat.get('event.severity'), 73)
    assert.deepEqual(flat.get('threat.technique.subtechnique.id'), ['T1059.004'])
    assert.deepEqual(flat.get('threat.tactic.name'), ['Execution'])
    assert.deepEqual(flat.get('event.category'), ['intrusion_detection', 'file'])
    assert.equal(flat.get('destination.domain'), 'shop.example')
    assert.equal(flat.get('source.ip'), '172.17.0.2')
    assert.equal(flat.get('file.directory'), '/tmp')
  })

  it('names who connected as the source of an inbound connection', () => {
    const flat = flatten(ecsDocumentOf(testAlert({ eventType: 'accept4', network: { ...NETWORK, isServer: true } })))
    assert.equal(flat.get('source.ip'), '203.0.113.7')
    assert.equal(flat.get('network.direction'), 'ingress')
    assert.deepEqual(flat.get('event.type'), ['connection', 'start'])
  })

  it('has no address of another form than an ip in a field of that type', () => {
    const flat = flatten(ecsDocumentOf(testAlert({ network: { ...NETWORK, remoteAddress: 'fe80::1%eth0', localAddress: 'no' } })))
    assert.equal(flat.get('destination.ip'), undefined)
    assert.equal(flat.get('destination.address'), 'fe80::1%eth0')
    assert.equal(flat.get('source.ip'), undefined)
  })
})

function checkDocument(alert: Alert): void {
  for (const [name, value] of flatten(ecsDocumentOf(alert))) {
    const field = ECS[name]
    assert.ok(field !== undefined, `${name} is no field of ECS`)
    assert.equal(Array.isArray(value), field.normalize.includes('array'), name)
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      assert.ok(isOfType(one, field.type), `${name}: ${inspect(one)}`)
    const allowed = field.allowed_values?.map((one) => one.name)
    if (allowed !== undefined) for (const one of [value].flat()) assert.ok(allowed.includes(String(one)), `${name}: ${String(one)}`)
  }
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'long':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value)
    case 'ip':
      return isIP(String(value)) > 0
    case 'object':
      return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')
    default:
      return typeof value === 'string'
  }
}

/** Values by dotted name; labels are a value. */
function flatten(document: object, prefix = ''): Map<string, unknown> {
  return new Map(
    Object.entries(document).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
      const name = `${prefix}${key}`
      const isInner = typeof value === 'object' && value !== null && !Array.isArray(value) && !name.endsWith('labels')
      return isInner ? [...flatten(value, `${name}.`)] : [[name, value]]
    }),
  )
}
