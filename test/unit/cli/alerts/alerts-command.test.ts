// Which alerts `eunomia alerts` shows.
import assert from 'node:assert/strict'
import { alertFilter } from '../../../../cli/alerts/alerts-command.js'
import { testAlert } from '../../../support/records/test-alert.js'

describe('the filter of alerts', () => {
  const alert = testAlert()
  const id = alert.containerId ?? ''
  const onHost = testAlert({ containerId: null, container: null })

  it('lets all through when nothing is asked for', () => {
    assert.ok(alertFilter({})(alert))
    assert.ok(alertFilter({})(onHost))
  })

  it('takes a rule by its name, with * for anything', () => {
    for (const rule of ['Credential file read', 'Credential*', '*read', '*file*', 'Cred*file*read'])
      assert.ok(alertFilter({ rule })(alert), rule)
    for (const rule of ['Credential', 'credential file read', '*write', 'Cred*write*read', ''])
      assert.ok(!alertFilter({ rule })(alert), rule)
  })

  it('takes a container by name, whole id or the beginning of an id', () => {
    for (const container of ['web', 'w*', id, id.slice(0, 12)]) assert.ok(alertFilter({ container })(alert), container)
    for (const container of ['webs', 'we', 'fedcba987654', '01234']) assert.ok(!alertFilter({ container })(alert), container)
  })

  it('leaves out alerts of the host when a container is asked for', () => {
    assert.ok(!alertFilter({ container: '*' })(onHost))
  })

  it('takes alerts of events at or after a moment', () => {
    const atMs = alert.origin.wallTimeUs / 1000
    assert.ok(alertFilter({ since: atMs })(alert))
    assert.ok(!alertFilter({ since: atMs + 1 })(alert))
  })

  it('does not go astray with many stars', () => {
    const rule = `${'*a'.repeat(2000)}*b`
    assert.ok(!alertFilter({ rule })(testAlert({ rule: 'a'.repeat(5000) })))
  })
})
