// A Java consumer that knows nothing of us reads our topics: Kafka's own client and a registry's own deserializer, from Maven Central.
import assert from 'node:assert/strict'
import { KafkaTopicLog } from '../../../infra/kafka/kafka-topic-log.js'
import { topicNameOf } from '../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Codec } from '../../../schemas/codec.js'
import { RegistryClient } from '../../../schemas/registry/registry-client.js'
import { registerSchemas } from '../../../schemas/registry/registration.js'
import { currentSchemas } from '../../../schemas/schema-set.js'
import { javaConsumerJars, readWithJava, type JavaRecord } from '../../support/services/java-consumer.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { sampleKernelEvent } from '../../support/records/sample-kernel-event.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../support/records/sample-network-event.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../support/records/sample-records.js'
import { sharedRegistry } from '../../support/services/services.js'

describe('a Java consumer', () => {
  before(javaConsumerJars)

  it('reads events of all kinds with the schemas of the registry', async () => {
    const registry = (await sharedRegistry()).address
    const ids = await registerSchemas(new RegistryClient({ url: registry }), currentSchemas())
    const codec = new Codec({ ids })
    const config = await freshKafkaTopics({}, 1)
    const log = new KafkaTopicLog(config, SILENT_LOGGER)
    const appender = await log.appender(
      () => undefined,
      () => undefined,
    )
    const key = Buffer.from('0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11')
    const append = (topic: 'process' | 'file' | 'network' | 'kernel', value: Uint8Array, mark: number): void => {
      appender.append({ topic, key, value, valueStart: 0, valueEnd: value.length, timestampMs: 1_760_000_000_000, mark })
    }
    append('process', codec.encode('process', sampleProcessEvent()), 1)
    append(
      'process',
      codec.encode('process', sampleProcessEvent({ process: sampleProcess({ args: ['sh', '-c', 'echo "\u00e9\n"'], loginUid: 1000 }) })),
      2,
    )
    append('file', codec.encode('file', sampleFileEvent({ flags: 2 ** 40, result: -13 })), 1)
    const question = sampleNetworkEvent({ type: 'dns', dns: sampleDnsMessage(), bytesSent: 2 ** 40 })
    const mounted = sampleKernelEvent({ type: 'mount', syscall: 'mount', path: '/mnt', source: '/dev/sda1', fsType: 'ext4', uid: -1 })
    append('network', codec.encode('network', question), 1)
    append('kernel', codec.encode('kernel', mounted), 1)
    await appender.flush()
    await log.close()

    const own = registry.replace(/\/apis\/.*/, '/apis/registry/v3')
    const topics = ['process', 'file', 'network', 'kernel'] as const
    const names = topics.map((topic) => topicNameOf(config, topic))
    const records = await readWithJava(config.brokers.join(','), own, names, 5)
    const of = (topic: (typeof topics)[number]): JavaRecord[] => records.filter((record) => record.topic === topicNameOf(config, topic))
    const [[first, second], [file], [network], [kernel]] = [of('process'), of('file'), of('network'), of('kernel')]
    assert.equal(first?.key, '0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11')
    // A record without bytes is the same JSON for Java as for us.
    assert.deepEqual(first.value, sampleProcessEvent())
    assert.deepEqual((second?.value['process'] as Record<string, unknown>)['args'], ['sh', '-c', 'echo "\u00e9\n"'])
    assert.deepEqual(file?.value, sampleFileEvent({ flags: 2 ** 40, result: -13 }))
    assert.deepEqual(network?.value, question)
    assert.deepEqual(kernel?.value, mounted)
  })
})
