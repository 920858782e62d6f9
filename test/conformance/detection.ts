// membership and detect together, from events in topics to alerts in a topic; run over the memory log (unit tier) and over Kafka
// with Redis (integration tier): a function runs unchanged.
import assert from 'node:assert/strict'
import type { Part } from '../../infra/process/lifecycle.js'
import { Scene, type Ground } from '../support/load/detection-scene.js'
import { sampleKernelEvent } from '../support/records/sample-kernel-event.js'
import { sampleNetworkEvent } from '../support/records/sample-network-event.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcess } from '../support/records/sample-records.js'

const ID = 'c'.repeat(64)
const OTHER_ID = 'd'.repeat(64)
const KIND_RULES = `
- rule: connect of web
  desc: a connect in the container web
  condition: evt.type = connect and container.name = web
  output: connect in %container.name
  priority: NOTICE
- rule: ptrace
  desc: any ptrace
  condition: evt.type = ptrace
  output: ptrace by %proc.name
  priority: WARNING
`

/** Creates what the functions depend on. */
export interface GroundSource {
  open(): Promise<Ground>
}

export function describeDetection(source: GroundSource): void {
  let scene: Scene
  const parts: Part[] = []
  const start = async (...started: Promise<Part>[]): Promise<Part[]> => {
    const all = await Promise.all(started)
    parts.push(...all)
    return all
  }

  beforeEach(async () => {
    scene = await Scene.open(await source.open())
  })
  afterEach(async () => {
    for (const part of parts.splice(0)) await part.stop('test ends')
    await scene.close()
  })

  it('names the container of an event whose facts arrived first', async () => {
    await start(scene.membership(), scene.detect())
    scene.publish('container', scene.factsEvent(ID, 'web'))
    await scene.knows(ID)
    scene.publish('file', scene.readInContainer(ID))
    const [alert] = await scene.alerts(1)
    assert.equal(alert?.containerId, ID)
    assert.equal(alert.container?.name, 'web')
    assert.equal(alert.facts, 'complete')
  })

  it('lets an event wait for facts that arrive after it, and emits one alert that names the container', async () => {
    await start(scene.membership(), scene.detect())
    scene.publish('file', scene.readInContainer(ID))
    await scene.pendingSeen(1)
    assert.equal(scene.seen.alerts.length, 0)
    scene.publish('container', scene.factsEvent(ID, 'late'))
    const [alert] = await scene.alerts(1)
    assert.equal(alert?.container?.name, 'late')
    assert.equal(alert.facts, 'complete')
    await scene.nothingPending()
    assert.equal(scene.seen.alerts.length, 1)
  })

  it('alerts without facts at the deadline when they never arrive, and delays no other event meanwhile', async () => {
    await start(scene.membership(), scene.detect({ deadlineMs: 1_500 }))
    scene.publish('file', scene.readInContainer(ID))
    await scene.pendingSeen(1)
    scene.publish('container', scene.factsEvent(OTHER_ID, 'other'))
    scene.publish('file', scene.readInContainer(OTHER_ID, { seq: 2 }))
    const alerts = await scene.alerts(2)
    assert.deepEqual(
      alerts.map(({ containerId, facts }) => [containerId, facts]),
      [
        [OTHER_ID, 'complete'],
        [ID, 'absent'],
      ],
    )
    await scene.nothingPending()
  })

  it('resolves a claim through the cgroup that a runtime confirmed', async () => {
    await start(scene.membership(), scene.detect())
    scene.publish('file', scene.readInClaim(OTHER_ID, '4711'))
    await scene.pendingSeen(1)
    scene.publish('container', scene.factsEvent(ID, 'true one', { cgroupId: '4711' }))
    const [alert] = await scene.alerts(1)
    assert.equal(alert?.containerId, ID)
    assert.equal(alert.container?.name, 'true one')
  })

  it('preserves the order of rules across the wait: the earlier rule alerts when its facts arrive', async () => {
    await start(scene.membership(), scene.detect())
    scene.publish('file', scene.readInContainer(ID))
    await scene.pendingSeen(1)
    scene.publish('container', scene.factsEvent(ID, 'web', { facts: sampleContainerFacts({ image: 'bad', imageRepository: 'bad' }) }))
    const [alert] = await scene.alerts(1)
    assert.equal(alert?.rule, 'image is bad')
    await scene.nothingPending()
    assert.equal(scene.seen.alerts.length, 1)
  })

  it('evaluates network and kernel events too, lets them wait, and sends unreadable ones to the dead letters', async () => {
    await start(scene.membership(), scene.detect({}, {}, KIND_RULES))
    const process = sampleProcess({ containerId: ID, containerClaim: ID })
    const onHost = sampleProcess({ containerId: null, containerClaim: null })
    scene.put('network', Buffer.from('rubbish'))
    scene.publish('network', sampleNetworkEvent({ process }))
    scene.publish('kernel', sampleKernelEvent({ process: onHost }))
    const [traced] = await scene.alerts(1)
    assert.deepEqual([traced?.rule, traced?.eventTopic, traced?.kernel?.targetName], ['ptrace', 'eunomia.kernel.v1', 'nginx'])
    await scene.pendingSeen(1)
    scene.publish('container', scene.factsEvent(ID, 'web'))
    const connected = (await scene.alerts(2))[1]
    assert.deepEqual([connected?.rule, connected?.container?.name, connected?.network?.remotePort], ['connect of web', 'web', 443])
    const [letter] = await scene.deadLetters(1)
    assert.deepEqual([letter?.topic, letter?.errorCode], ['eunomia.network.v1', 'EUNOMIA_RECORD_UNREADABLE'])
  })

  it('sends poison to the dead letters, with the reason, and handles its neighbours', async () => {
    await start(scene.detect())
    const good = scene.encode('file', scene.readOnHost())
    const unknownSchema = Buffer.from(good)
    unknownSchema.writeInt32BE(424_242, 1)
    scene.publish('file', scene.readOnHost({ seq: 1 }))
    scene.put('file', Buffer.from('rubbish'))
    scene.put('file', unknownSchema)
    scene.put('file', good.subarray(0, good.length - 20))
    scene.publish('file', scene.readOnHost({ seq: 2 }))
    const alerts = await scene.alerts(2)
    assert.deepEqual(
      alerts.map(({ origin }) => origin.seq),
      [1, 2],
    )
    const letters = await scene.deadLetters(3)
    assert.deepEqual(
      letters.map(({ functionName, topic, errorCode }) => [functionName, topic, errorCode]),
      [
        ['detect', 'eunomia.file.v1', 'EUNOMIA_RECORD_UNREADABLE'],
        ['detect', 'eunomia.file.v1', 'EUNOMIA_SCHEMA_UNKNOWN'],
        ['detect', 'eunomia.file.v1', 'EUNOMIA_RECORD_UNREADABLE'],
      ],
    )
    assert.equal(Buffer.from(letters[0]?.value ?? []).toString(), 'rubbish')
    assert.match(letters[1]?.errorMessage ?? '', /424242/)
    assert.equal(Buffer.from(letters[0]?.key ?? []).toString(), sampleOrigin().hostId)
  })

  it('emits the alerts of large events when a batch produces more than a topic accepts at once', async () => {
    const count = 150
    const process = sampleProcess({ containerId: null, containerClaim: null, args: ['cat', 'x'.repeat(30_000)] })
    for (let seq = 1; seq <= count; seq++) scene.publish('file', sampleFileEvent({ process, origin: sampleOrigin({ seq }) }))
    await start(scene.detect())
    const alerts = await scene.alerts(count)
    assert.deepEqual(
      alerts.map(({ origin }) => origin.seq),
      Array.from({ length: count }, (_, index) => index + 1),
    )
  })

  it('survives a flood of tiny unreadable records, whose dead letters are many times their bytes', async () => {
    const count = 15_000
    for (let index = 0; index < count; index++) scene.put('file', Buffer.from([1]))
    scene.publish('file', scene.readOnHost())
    await start(scene.detect())
    await scene.alerts(1)
    assert.equal((await scene.deadLetters(count)).length, count)
  })

  it('does not let one host publish as another: a record whose key is not its host is a dead letter', async () => {
    const forger = '11111111-2222-4333-8444-555555555555'
    scene.put('file', scene.encode('file', scene.readOnHost({ seq: 1 })), forger)
    scene.put('container', scene.encode('container', scene.factsEvent(ID, 'forged')), forger)
    scene.publish('file', scene.readOnHost({ seq: 2 }))
    scene.publish('file', scene.readOnHost({ seq: 3, hostId: forger }))
    await start(scene.membership(), scene.detect())
    const alerts = await scene.alerts(2)
    assert.deepEqual(
      alerts.map(({ origin }) => `${origin.hostId} ${String(origin.seq)}`).sort(),
      [`${sampleOrigin().hostId} 2`, `${forger} 3`].sort(),
    )
    const letters = await scene.deadLetters(2)
    assert.deepEqual(letters.map(({ functionName, errorCode }) => `${functionName} ${errorCode}`).sort(), [
      'detect EUNOMIA_RECORD_FOREIGN',
      'membership EUNOMIA_RECORD_FOREIGN',
    ])
  })

  it('emits every alert once across a restart, with stable ids', async () => {
    const count = 600
    for (let seq = 1; seq <= count; seq++) scene.publish('file', scene.readOnHost({ seq }))
    let seen = 0
    for (let round = 0; round < 3; round++) {
      const [detect] = await start(scene.detect({}, { maxBatchBytes: 64 * 1024 }))
      seen = (await scene.alerts(Math.min(seen + 50, count))).length
      await detect?.stop('in the midst')
    }
    await start(scene.detect())
    const alerts = await scene.alerts(count)
    assert.deepEqual(
      alerts.map(({ origin }) => origin.seq).sort((a, b) => a - b),
      Array.from({ length: count }, (_, index) => index + 1),
    )
    assert.equal(new Set(alerts.map(({ alertId }) => alertId)).size, count)
  })

  it('stops immediately while events wait, and emits their alerts after the next start', async () => {
    const [, detect] = await start(scene.membership(), scene.detect())
    scene.publish('file', scene.readInContainer(ID))
    await scene.pendingSeen(1)
    await detect?.stop('test')
    scene.publish('container', scene.factsEvent(ID, 'late'))
    await scene.knows(ID)
    await start(scene.detect())
    const [alert] = await scene.alerts(1)
    assert.equal(alert?.facts, 'complete')
  })
}
