// Container events that come before the collector listens.
import assert from 'node:assert/strict'
import { ContainerRelay } from '../../../assembly/host.js'
import type { ContainerEventBody } from '../../../collector/containers/container-index.js'

function event(containerId: string): ContainerEventBody {
  return {
    type: 'started',
    containerId,
    runtime: 'docker',
    facts: null,
    cgroupId: null,
    cgroupPath: null,
    initPid: null,
    exitCode: null,
    isOomKilled: null,
    reason: null,
  }
}

describe('the relay of container events', () => {
  it('keeps what comes before the listener, and gives it first', () => {
    const relay = new ContainerRelay()
    const heard: string[] = []
    relay.relay(event('a'))
    relay.relay(event('b'))
    relay.listen(({ containerId }) => heard.push(containerId))
    relay.relay(event('c'))
    assert.deepEqual(heard, ['a', 'b', 'c'])
  })

  it('counts what finds no room', () => {
    const relay = new ContainerRelay(2)
    for (const id of ['a', 'b', 'c', 'd']) relay.relay(event(id))
    const heard: string[] = []
    relay.listen(({ containerId }) => heard.push(containerId))
    assert.deepEqual(heard, ['a', 'b'])
    assert.equal(relay.refused, 2)
  })

  it('notifies no listener after the end', () => {
    const relay = new ContainerRelay()
    const heard: string[] = []
    const end = relay.listen(({ containerId }) => heard.push(containerId))
    end()
    relay.relay(event('a'))
    assert.deepEqual(heard, [])
  })
})
