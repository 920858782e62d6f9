// Who was in which container at a moment.
import assert from 'node:assert/strict'
import { PastContainers } from '../../../../../processors/forensics/story/containers-at.js'
import type { ContainerEvent } from '../../../../../schemas/generated/types.js'
import { HostEvents } from '../../../../support/forensics/host-events.js'
import { sampleContainerFacts } from '../../../../support/records/sample-records.js'

const WEB = 'ab'.repeat(32)

describe('containers at a moment', () => {
  const host = new HostEvents()
  const shim = host.spawn(host.init(), 400, '/usr/bin/shim')
  const report = (type: ContainerEvent['type'], change: Partial<ContainerEvent> = {}): ContainerEvent => {
    const facts = sampleContainerFacts({ name: 'web' })
    return {
      type,
      containerId: WEB,
      runtime: 'docker',
      facts,
      cgroupId: null,
      cgroupPath: null,
      initPid: 500,
      exitCode: null,
      isOomKilled: null,
      reason: null,
      origin: host.origin('container', -1),
      ...change,
    }
  }
  const moments: number[] = []
  const mark = (): void => {
    host.pass(1000)
    moments.push(host.nowUs / 1000)
    host.pass(1000)
  }
  const started = report('started')
  mark()
  const shell = host.exec(host.fork(shim, 510), ['/bin/sh'], { containerId: WEB })
  mark()
  host.exit(shell)
  const renamed = report('facts', { facts: sampleContainerFacts({ name: 'later' }) })
  mark()
  host.spawn({ ...shell, containerId: 'cd'.repeat(32) }, 510, '/bin/other')
  const stopped = report('stopped', { facts: null, initPid: null })
  mark()

  function at(index: number): unknown[] {
    const past = new PastContainers(moments[index] ?? 0)
    // In another order than they happened.
    for (const event of [stopped, renamed, started]) past.container(event)
    for (const event of host.events) if (event.topic === 'process') past.process(event.record)
    return past
      .result()
      .containers.map(({ containerId, name, processes }) => [containerId.slice(0, 2), name, processes.map(({ pid }) => pid)])
  }

  it('have the processes that were in them then, the facts of then, and end with their runtime saying so', () => {
    assert.deepEqual(at(0), [['ab', 'web', [500]]])
    assert.deepEqual(at(1), [['ab', 'web', [500, 510]]])
    assert.deepEqual(at(2), [['ab', 'later', [500]]])
    assert.deepEqual(at(3), [['cd', null, [510]]])
  })

  it('are those of the latest boot, hold a process where it was last, and have one first process', () => {
    const [one, other] = [new HostEvents(), new HostEvents(undefined, 'b0b0b0b0-0000-4000-8000-000000000000')]
    const past = new PastContainers(one.nowUs / 1000 + 3_600_000)
    const reported = (by: HostEvents, change: Partial<ContainerEvent>): void =>
      past.container(report('started', { ...change, origin: by.origin('container', -1) }))
    reported(one, { containerId: 'ef'.repeat(32) })
    other.pass(60_000)
    // Started again, with another first process; it never said so but for its facts.
    reported(other, { initPid: 600 })
    reported(other, { type: 'stopped', facts: null, initPid: null })
    reported(other, { type: 'facts', initPid: 700 })
    const moved = other.exec(other.fork(other.init(), 800), ['/bin/sh'], { containerId: WEB })
    other.exec(moved, ['/bin/escaped'], { containerId: null })
    const again = other.exec(other.fork(other.init(), 801), ['/bin/one'], { containerId: WEB })
    other.exit(again)
    other.exec(other.fork(other.init(), 801), ['/bin/two'], { containerId: WEB })
    for (const host of [one, other])
      for (const event of [...host.events].reverse()) if (event.topic === 'process') past.process(event.record)
    assert.deepEqual(
      past
        .result()
        .containers.map(({ containerId, processes }) => [
          containerId.slice(0, 2),
          processes.map(({ pid, name }) => `${String(pid)} ${String(name)}`),
        ]),
      [['ab', ['700 null', '801 two']]],
    )
  })
})
