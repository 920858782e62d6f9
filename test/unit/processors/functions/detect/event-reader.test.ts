// detect over network and kernel events: evaluated, deferred, and failed like process and file events.
import assert from 'node:assert/strict'
import type { OutputRecord } from '../../../../../infra/topic-log/topic-log.js'
import { detectFunction } from '../../../../../processors/functions/detect/detect.js'
import type { FunctionDefinition } from '../../../../../processors/function.js'
import { factsKey } from '../../../../../processors/membership/membership-key.js'
import { fixedRules } from '../../../../../processors/rule-engine/load/rules-in-force.js'
import type { Alert, ContainerEvent } from '../../../../../schemas/generated/types.js'
import { FunctionBench } from '../../../../support/load/function-bench.js'
import { ArrayBatch } from '../../../../support/records/array-batch.js'
import { sampleKernelEvent } from '../../../../support/records/sample-kernel-event.js'
import { sampleNetworkEvent } from '../../../../support/records/sample-network-event.js'
import { sampleContainerFacts, sampleOrigin, sampleProcess } from '../../../../support/records/sample-records.js'
import { evaluatorOf } from '../../../../support/records/test-rules.js'

const ON_HOST = { containerId: null, containerClaim: null }
const ID = 'c'.repeat(64)

const RULES = `
- rule: connect by a bad image
  desc: a connect in a container of the image bad
  condition: evt.type = connect and container.image.repository = bad
  output: connect
  priority: CRITICAL
- rule: connect
  desc: any connect
  condition: evt.type = connect
  output: connect by %proc.name
  priority: NOTICE
- rule: ptrace
  desc: any ptrace
  condition: evt.type = ptrace
  output: ptrace by %proc.name
  priority: WARNING
`

describe('function detect over network and kernel events', () => {
  let bench: FunctionBench
  let detect: FunctionDefinition

  beforeEach(() => {
    bench = new FunctionBench()
    detect = detectFunction({ codec: bench.codec, rules: fixedRules(evaluatorOf(RULES)) })
  })

  const alertsOf = (outputs: readonly OutputRecord[]): Alert[] => bench.decoded('alerts', outputs)

  it('reads them next to process, file and pending events', () => {
    assert.deepEqual(detect.inputs, ['process', 'file', 'network', 'kernel', 'pending'])
  })

  it('emits an alert for a network event with its connection', async () => {
    const event = sampleNetworkEvent({ process: sampleProcess({ ...ON_HOST, name: 'curl' }), remoteName: 'shop.example' })
    const { outputs } = await bench.handle(detect, bench.batchOf('network', [event]))
    const [alert] = alertsOf(outputs)
    assert.equal(outputs.length, 1)
    assert.deepEqual([alert?.rule, alert?.output], ['connect', 'connect by curl'])
    assert.deepEqual([alert?.eventTopic, alert?.eventType], ['eunomia.network.v1', 'connect'])
    assert.deepEqual(alert?.network, {
      localAddress: '172.17.0.2',
      localPort: 40_312,
      remoteAddress: '203.0.113.7',
      remotePort: 443,
      unixPath: null,
      family: 2,
      protocol: 6,
      isServer: false,
      domain: 'shop.example',
    })
    assert.deepEqual([alert.kernel, alert.path], [null, null])
  })

  it('emits an alert for a kernel event with what it acted on', async () => {
    const event = sampleKernelEvent({ process: sampleProcess(ON_HOST) })
    const { outputs } = await bench.handle(detect, bench.batchOf('kernel', [event]))
    const [alert] = alertsOf(outputs)
    assert.equal(alert?.rule, 'ptrace')
    assert.deepEqual([alert.eventTopic, alert.eventType, alert.network], ['eunomia.kernel.v1', 'ptrace', null])
    assert.deepEqual([alert.kernel?.targetPid, alert.kernel?.targetName, alert.kernel?.request], [4250, 'nginx', 16])
  })

  it('decodes only the head of an event of a type that no rule reads', async () => {
    const events = [sampleNetworkEvent({ type: 'listen', syscall: 'listen' }), sampleNetworkEvent({ type: 'dns' })]
    const { outputs } = await bench.handle(detect, bench.batchOf('network', events))
    assert.deepEqual(outputs, [])
    const metrics = await bench.metrics.text()
    assert.match(metrics, /eunomia_detect_skipped_total 2/)
  })

  it('lets one wait for the facts of its container, and re-evaluates it when they arrive', async () => {
    const event = sampleNetworkEvent({ process: sampleProcess({ containerId: ID, containerClaim: ID }) })
    const waiting = (await bench.handle(detect, bench.batchOf('network', [event]))).outputs
    const [pending] = bench.decoded('pending', waiting)
    assert.equal(pending?.eventTopic, 'eunomia.network.v1')
    assert.deepEqual(bench.codec.decode('network', pending.event), event)
    await storeFacts('bad')
    bench.clock.advance(60)
    const records = waiting.filter(({ topic }) => topic === 'pending')
    const [alert] = alertsOf((await bench.handle(detect, new ArrayBatch('pending', records))).outputs)
    assert.deepEqual([alert?.rule, alert?.facts, alert?.container?.image], ['connect by a bad image', 'complete', 'bad'])
  })

  it('emits a dead letter for an unreadable one, and evaluates the others', async () => {
    const good = bench.codec.encode('kernel', sampleKernelEvent({ process: sampleProcess(ON_HOST) }))
    const batch = new ArrayBatch('kernel', [{ value: good.subarray(0, good.length - 40) }, { value: good }])
    const { outputs } = await bench.handle(detect, batch)
    const [letter] = bench.decoded('deadletter', outputs)
    assert.deepEqual([letter?.topic, letter?.errorCode], ['eunomia.kernel.v1', 'EUNOMIA_RECORD_UNREADABLE'])
    assert.equal(alertsOf(outputs).length, 1)
  })

  async function storeFacts(image: string): Promise<void> {
    const event: ContainerEvent = {
      type: 'facts',
      containerId: ID,
      runtime: 'docker',
      facts: sampleContainerFacts({ image, imageRepository: image }),
      cgroupId: null,
      cgroupPath: null,
      initPid: null,
      exitCode: null,
      isOomKilled: null,
      reason: null,
      origin: sampleOrigin(),
    }
    await bench.store.write([{ key: factsKey(sampleOrigin(), ID), bootTimeUs: 1, value: bench.codec.encode('container', event) }])
  }
})
