import assert from 'node:assert/strict'
import { EventFilterError, eventFiltersOf, NO_EVENT_FILTERS, parseEventFilters } from '../../../../collector/watch/event-filters.js'

describe('filters of events', () => {
  const none = { pid: [], uid: [], port: [], localPort: [], remotePort: [], anyPort: [], container: [] }

  it('are read from FIELD=VALUE, a value with = in it too', () => {
    assert.deepEqual(
      eventFiltersOf(['pid=0', 'container=a=b'], ['uid=4294967295', 'port=65535', 'anyPort=1', 'localPort=2', 'remotePort=3'], 'failed'),
      {
        only: { ...none, pid: [0], container: ['a=b'] },
        except: { ...none, uid: [4294967295], port: [65535], anyPort: [1], localPort: [2], remotePort: [3] },
        outcome: 'failed',
      },
    )
    assert.deepEqual(eventFiltersOf([], [], 'all'), NO_EVENT_FILTERS)
  })

  for (const [text, said] of [
    ['container', /FIELD=VALUE/],
    ['=1', /FIELD=VALUE/],
    ['contianer=web', /only has no field "contianer"; did you mean container\?/],
    ['pid=4194305', /0 to 4194304/],
    ['pid=-1', /only\.pid\[0\] must be a whole number from 0 to 4194304, found "-1"/],
    ['port=1e3', /found "1e3"/],
    ['__proto__=1', /has no field "__proto__"/],
    ['uid=', /whole number/],
    [`container=${'x'.repeat(256)}`, /1 to 255/],
  ] as const) {
    it(`refuse ${text.slice(0, 20)} and say what was expected`, () => {
      assert.throws(
        () => eventFiltersOf([text], [], 'all'),
        (error: unknown) => error instanceof EventFilterError && said.test(error.message),
      )
    })
  }

  for (const container of ['build', 'abcdef', 'sha256:12']) {
    it(`refuse to leave out a container that is only called ${container}, and accept it in only`, () => {
      assert.throws(
        () => eventFiltersOf([], [`container=${container}`], 'all'),
        (error: unknown) => error instanceof EventFilterError && /write RUNTIME\/NAME/.test(error.message),
      )
      assert.deepEqual(eventFiltersOf([`container=${container}`], [], 'all').only.container, [container])
    })
  }

  for (const json of [
    null,
    [],
    'x',
    { only: [] },
    { only: { pid: 1 } },
    { only: { pid: [{}] } },
    { __proto__: null, other: 1 },
    { outcome: null },
    { only: { port: ['443'] } },
    { only: { port: [65_536] } },
  ]) {
    it(`refuse the JSON ${JSON.stringify(json)}`, () => {
      assert.throws(() => parseEventFilters(json), EventFilterError)
    })
  }
})
