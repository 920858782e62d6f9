import assert from 'node:assert/strict'
import { type Routing, Routes, unknownSinks } from '../../../../../processors/delivery/routing/routes.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const SINKS = ['siem', 'pager', 'chat']
const alert = testAlert()
const other = testAlert({ priority: 'debug', rule: 'Other', ruleId: 'Other' })
const sinksOf = (routing: Routing, one = alert): string[] => SINKS.filter((sink) => new Routes(routing, SINKS).includes(sink, one))
const routes: Routing['routes'] = [
  { name: 'pages', match: { priority: 'warning' }, to: ['pager'] },
  { match: { host: 'node-1' }, to: ['siem', 'chat'] },
]

describe('routes of alerts', () => {
  it('sends everything everywhere without settings', () => {
    assert.deepEqual(sinksOf({}), SINKS)
  })

  it('takes the first route that matches, by default', () => {
    assert.deepEqual(sinksOf({ routes }), ['pager'])
    assert.deepEqual(sinksOf({ routes }, other), ['siem', 'chat'])
  })

  it('takes all routes that match where it should', () => {
    assert.deepEqual(sinksOf({ use: 'all', routes }), SINKS)
    assert.deepEqual(sinksOf({ use: 'all', routes }, other), ['siem', 'chat'])
  })

  it('takes the default route if none matches, and only then', () => {
    const none: Routing = { routes: [{ match: { host: 'x' }, to: ['pager'] }], default: ['chat'] }
    assert.deepEqual(sinksOf(none), ['chat'])
    assert.deepEqual(sinksOf({ routes, default: ['chat'] }), ['pager'])
    assert.deepEqual(sinksOf({ routes: [{ match: {}, to: [] }], default: ['chat'] }), [], 'a route to nobody')
    assert.deepEqual(sinksOf({ default: [] }), [])
  })

  it('explains each route', () => {
    assert.deepEqual(new Routes({ routes, default: ['chat'] }, SINKS).explain(other), [
      { route: 'pages', to: ['pager'], mismatch: { field: 'priority', wanted: 'warning or more severe', found: 'debug' }, isTaken: false },
      { route: '2', to: ['siem', 'chat'], mismatch: null, isTaken: true },
      { route: 'default', to: ['chat'], mismatch: null, isTaken: false },
    ])
    const [, second] = new Routes({ routes }, SINKS).explain(alert)
    assert.deepEqual([second?.mismatch, second?.isTaken], [null, false])
  })

  it('names sinks that do not exist', () => {
    const routing = { routes: [{ match: {}, to: ['siem', 'sime'] }], default: ['chta'] }
    assert.deepEqual(unknownSinks(routing, SINKS), [
      { place: 'routes[0].to', sink: 'sime' },
      { place: 'default', sink: 'chta' },
    ])
  })
})
