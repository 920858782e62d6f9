import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kindsOfPlan, startWatchedPlan } from '../../../assembly/watching.js'
import { KIND } from '../../../native/generated/layout.js'
import { kindFacts } from '../../../collector/ring-events/event-kinds.js'
import { FilterSwitch } from '../../../collector/watch/filter-switch.js'
import { ChangeTrail } from '../../../collector/watch/change-trail.js'
import { KindSwitch } from '../../../collector/watch/kind-switch.js'
import { SWITCHED_KINDS } from '../../../collector/watch/trackers.js'
import type { Part } from '../../../infra/process/lifecycle.js'
import type { Logger } from '../../../infra/process/logger.js'
import { WatchPlanError, parseWatchPlan } from '../../../infra/watch-plan/watch-plan-file.js'
import type { WatchTopic } from '../../../infra/watch-plan/watch-plan.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import { waitFor } from '../../support/wait-for.js'

const planOf = (topic: WatchTopic, ...eventTypes: string[]) => ({
  version: 1,
  mode: 'detect',
  ruleSetHash: null,
  watches: [{ topic, eventTypes }],
})
const planText = (watch: object): string =>
  JSON.stringify({ ...planOf('file'), watches: [{ topic: 'file', eventTypes: ['openat'], ...watch }] })
const kindsOf = (topic: WatchTopic, ...eventTypes: string[]): ReadonlySet<number> =>
  kindsOfPlan(parseWatchPlan(JSON.stringify(planOf(topic, ...eventTypes)), 'p')) ?? assert.fail('everything')

describe('kindsOfPlan', () => {
  it('finds one kind for each type of file and kernel events that rules can name', () => {
    for (const topic of ['file', 'kernel'] as const) {
      for (const [record, types] of Object.entries(RECORD_KINDS[topic])) {
        for (const type of types)
          assert.deepEqual(
            [...kindsOf(topic, type)].map((kind) => kindFacts(kind)?.name),
            // Events about drops come from the collector, whatever is watched.
            record === 'drop' ? [] : [record],
            type,
          )
      }
    }
  })
  it('watches the whole topic for a type that it does not know', () => {
    const all = [...SWITCHED_KINDS].filter((kind) => kindFacts(kind)?.topic === 'file').sort((a, b) => a - b)
    assert.deepEqual(
      [...kindsOf('file', 'openat9')].sort((a, b) => a - b),
      all,
    )
  })
  it('watches the calls on sockets that are asked for, with those that others are made of', () => {
    const without = { dnsNames: false }
    const of = (eventType: string, more: object): ReadonlySet<number> | null =>
      kindsOfPlan(parseWatchPlan(JSON.stringify({ ...planOf('network', eventType), ...more }), 'p'))
    assert.deepEqual(of('listen', without), new Set([KIND.listen]))
    assert.deepEqual(of('close', without), new Set([KIND.close, KIND.connect, KIND.accept, KIND.send, KIND.receive]))
    assert.deepEqual(of('dns', without), new Set([KIND.dns, KIND.send, KIND.receive, KIND.connect, KIND.accept]))
    for (const type of ['sendto', 'recvfrom']) assert.deepEqual(of(type, without), new Set([KIND.send, KIND.receive, KIND.connect]))
  })
  it('watches DNS for the names of addresses, unless they are said to be of no use', () => {
    assert.deepEqual(kindsOf('network', 'connect'), new Set([KIND.connect, KIND.dns, KIND.send, KIND.receive]))
    assert.deepEqual(kindsOf('file', 'openat'), new Set([KIND.open]))
  })
  it('watches refused execs for rules about execs', () => {
    assert.deepEqual(kindsOf('process', 'execve'), new Set([KIND.execRefused]))
    assert.deepEqual(kindsOf('process', 'clone'), new Set())
  })
  it('watches everything for a forensic plan', () => {
    assert.equal(kindsOfPlan({ mode: 'forensic', ruleSetHash: null, watches: [], dnsNames: true }), null)
  })
})

describe('a watch plan in a file', () => {
  for (const [what, text] of [
    ['no JSON', '{'],
    ['no object', '[]'],
    ['another version', '{"version":2,"mode":"detect","watches":[]}'],
    ['an unknown mode', '{"version":1,"mode":"all","watches":[]}'],
    ['no watches', '{"version":1,"mode":"detect"}'],
    ['a watch that is none', '{"version":1,"mode":"detect","watches":[null]}'],
    ['an unknown topic', '{"version":1,"mode":"detect","watches":[{"topic":"__proto__","eventTypes":[]}]}'],
    ['an unknown outcome', planText({ outcome: 'refused' })],
    ['an unknown intent', planText({ intents: ['execute'] })],
    ['paths that are no list', planText({ paths: '/etc' })],
    ['an unknown kind of path', planText({ paths: [{ kind: 'regex', text: '/etc/.*' }] })],
    ['a case that is neither', planText({ givenPaths: [{ kind: 'path', text: '/etc', ignoresCase: 1 }] })],
    ['a path without text', planText({ paths: [{ kind: 'path' }] })],
    ['types that are no texts', '{"version":1,"mode":"detect","watches":[{"topic":"file","eventTypes":[1]}]}'],
  ] as const) {
    it(`is refused with its name: ${what}`, () => {
      assert.throws(
        () => parseWatchPlan(text, 'my-plan.json'),
        (error: unknown) => error instanceof WatchPlanError && error.message.startsWith('my-plan.json is not a watch plan: '),
      )
    })
  }

  const folder = mkdtempSync(join(tmpdir(), 'eunomia-plan-'))
  const file = join(folder, 'plan.json')
  let part: Part | undefined
  after(async () => {
    await part?.stop('test ends')
    rmSync(folder, { recursive: true, force: true })
  })

  it('is followed; a broken one leaves the previous one in force and is reported once', async () => {
    const errors: string[] = []
    const say = (): void => undefined
    const log: Logger = {
      debug: say,
      info: say,
      warn: say,
      error: (_facts: object, message: string) => void errors.push(message),
    } as Logger
    writeFileSync(file, JSON.stringify(planOf('file', 'openat')))
    const kinds = new KindSwitch({ watchKinds: say })
    const filters = new FilterSwitch({}, kinds, log)
    const trail = new ChangeTrail()
    part = startWatchedPlan(file, { kinds, filters, trail }, log, { quietMs: 1, intervalMs: 5 })
    assert.deepEqual(kinds.watched, new Set([KIND.open]))
    writeFileSync(file, '{ broken')
    await waitFor('the mistake', () => errors.length > 0)
    assert.deepEqual(kinds.watched, new Set([KIND.open]))
    writeFileSync(file, JSON.stringify(planOf('kernel', 'mount')))
    await waitFor('the new plan', () => kinds.watched.has(KIND.mount))
    assert.deepEqual(kinds.watched, new Set([KIND.mount]))
    assert.deepEqual(new Set(errors), new Set(['the new watch plan is invalid; the previous one stays in force']))
  })
})
