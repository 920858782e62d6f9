// The cluster that tests script keeps the contract of transports.
import { describeKafkaTransport } from '../../../conformance/kafka-transport.js'
import { ScriptedCluster } from '../../../support/fakes/scripted-cluster.js'

describe('infra/kafka/transport, scripted', () => {
  describeKafkaTransport({ open: () => Promise.resolve({ transport: new ScriptedCluster(), topic: 'topic' }) })
})
