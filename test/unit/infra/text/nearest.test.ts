// The nearest known name is suggested only when it is near.
import assert from 'node:assert/strict'
import { nearestName } from '../../../../infra/text/nearest.js'

const RULES = ['Sensitive file read by an unexpected program', 'Scheduled job written', 'Shell in a container']

describe('nearestName', () => {
  it('returns the name that a mistyped one is close to, whatever its case', () => {
    assert.equal(nearestName('scheduled job writen', RULES), 'Scheduled job written')
    assert.equal(nearestName('Shel in a contaner', RULES), 'Shell in a container')
    assert.equal(nearestName('opne', ['open', 'close']), 'open')
  })

  it('returns nothing for a name that is only of a similar length', () => {
    assert.equal(nearestName('Shadow job deleted now', RULES), undefined)
    assert.equal(nearestName('Shell is no explainer', RULES), undefined)
    assert.equal(nearestName('xyz', ['open', 'close']), undefined)
  })
})
