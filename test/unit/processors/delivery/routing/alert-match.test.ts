import assert from 'node:assert/strict'
import { ALERT_MATCH, type AlertMatch, CompiledMatch } from '../../../../../processors/delivery/routing/alert-match.js'
import { JsonShape } from '../../../../../infra/config/json-shape.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const { container } = testAlert()
if (container === null) throw new Error('the alert of the tests has a container')
const alert = testAlert({
  tags: ['file', 'attack.t1003.008', 'attack.credential_access'],
  container: {
    ...container,
    image: 'registry.example/shop/web:7',
    imageRepository: 'registry.example/shop/web',
    imageDigest: `sha256:${'ab'.repeat(32)}`,
    labels: { team: 'payments', 'a=b': 'c' },
    pod: { name: 'web-0', namespace: 'shop', uid: null, containerName: null },
  },
})
const fits = (match: AlertMatch, one: Alert = alert): boolean => new CompiledMatch(match).matches(one)

describe('selection of alerts', () => {
  const cases: readonly (readonly [string, AlertMatch, boolean])[] = [
    ['nothing selects everything', {}, true],
    ['the priority itself', { priority: 'warning' }, true],
    ['a less severe bound', { priority: 'debug' }, true],
    ['a more severe bound', { priority: 'error' }, false],
    ['a rule by glob', { rule: 'Credential *' }, true],
    ['one of several rules', { rule: ['x', 'Credential file read'] }, true],
    ['another rule', { rule: 'Credential' }, false],
    ['a tag', { tag: 'attack.credential_access' }, true],
    ['a technique', { technique: 'T1003.008' }, true],
    ['its parent technique, in lower case', { technique: 't1003' }, true],
    ['a technique with the same beginning', { technique: 'T100' }, false],
    ['a label', { label: { team: 'pay*' } }, true],
    ['a label with an equals sign in its name', { label: { 'a=b': 'c' } }, true],
    ['a label that the container does not have', { label: { owner: '*' } }, false],
    ['a label that every object has', { label: { constructor: '*' } }, false],
    ['a namespace', { namespace: 'shop' }, true],
    ['an image with its tag', { image: 'registry.example/shop/web:7' }, true],
    ['an image without its tag', { image: 'registry.example/shop/web' }, true],
    ['an image by digest', { image: `sha256:${'ab'.repeat(32)}` }, true],
    ['a host by name', { host: 'node-1' }, true],
    ['a host by id', { host: alert.origin.hostId }, true],
    ['a container by name', { container: 'web' }, true],
    ['a container by id', { container: alert.containerId ?? '' }, true],
    ['the beginning of the id of a container', { container: (alert.containerId ?? '').slice(0, 12) }, false],
    ['several fields that fit', { priority: 'warning', host: 'node-*', image: '*' }, true],
    ['several fields of which one does not', { priority: 'warning', host: 'node-2' }, false],
  ]
  for (const [title, match, expected] of cases) it(title, () => assert.equal(fits(match), expected))

  it('selects nothing by what is not known: no image, namespace, label or name of a container without facts', () => {
    const absent = testAlert({ container: null, facts: 'absent' })
    for (const match of [{ image: '*' }, { namespace: '*' }, { label: { team: '*' } }, { container: 'web' }])
      assert.equal(fits(match, absent), false)
    assert.equal(fits({ container: absent.containerId ?? '' }, absent), true)
  })

  it('takes a priority of a newer version for a severe one', () => {
    assert.equal(fits({ priority: 'emergency' }, testAlert({ priority: 'UNKNOWN' })), true)
  })

  it('names the first field that does not fit', () => {
    assert.deepEqual(new CompiledMatch({ priority: 'debug', host: ['a', 'b'], image: 'x' }).mismatchOf(alert), {
      field: 'image',
      wanted: 'x',
      found: `registry.example/shop/web:7, registry.example/shop/web, sha256:${'ab'.repeat(32)}`,
    })
    assert.deepEqual(new CompiledMatch({ label: { owner: 'me' } }).mismatchOf(alert), { field: 'label owner', wanted: 'me', found: '' })
    assert.equal(new CompiledMatch({ priority: 'debug' }).mismatchOf(alert), null)
  })

  it('has a shape that names what is wrong', () => {
    const shape = new JsonShape(ALERT_MATCH)
    assert.equal(shape.mismatchOf({ rule: ['a'], label: { x: 'y' } }), null)
    assert.match(shape.mismatchOf({ rul: 'a' }) ?? '', /rule/)
    assert.match(shape.mismatchOf({ priority: 'high' }) ?? '', /emergency/)
  })
})
