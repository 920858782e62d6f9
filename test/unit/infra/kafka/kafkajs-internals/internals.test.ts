// The contract with the internals of kafkajs: fails for another version, so that somebody reads its changes first.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { fixKafkajs } from '../../../../../infra/kafka/kafkajs-internals/fixes.js'

const require = createRequire(import.meta.url)
type Class = { prototype: Record<string, unknown> } & (abstract new (...args: never[]) => unknown)

interface QueueInternals {
  pending: unknown[]
  throttleCheckTimeoutId: unknown
  inflight: Map<number, unknown>
  push(request: unknown): void
  fulfillRequest(reply: unknown): void
  destroy(): void
}

const logger = { namespace: () => logger, debug: () => undefined, error: () => undefined, info: () => undefined, warn: () => undefined }

describe('infra/kafka/kafkajs-internals', () => {
  it('requires exactly kafkajs 2.2.4', () => {
    assert.equal((require('kafkajs/package.json') as { version: string }).version, '2.2.4')
    assert.equal((require('../../../../../../package.json') as { dependencies: Record<string, string> }).dependencies['kafkajs'], '2.2.4')
  })

  const METHODS: readonly (readonly [module: string, methods: readonly string[]])[] = [
    [
      'kafkajs/src/cluster/index.js',
      [
        'connect',
        'disconnect',
        'refreshMetadata',
        'addMultipleTargetTopics',
        'findControllerBroker',
        'findGroupCoordinator',
        'findBroker',
        'findTopicPartitionMetadata',
        'getNodeIds',
        'removeBroker',
      ],
    ],
    ['kafkajs/src/network/connection.js', ['connect', 'disconnect', 'isConnected', 'isAuthenticated', 'authenticate', 'nextCorrelationId']],
    [
      'kafkajs/src/network/requestQueue/index.js',
      ['push', 'maybeThrottle', 'rejectAll', 'waitForPendingRequests', 'scheduleCheckPendingRequests'],
    ],
    ['kafkajs/src/network/connectionPool.js', ['getConnection', 'send']],
    ['kafkajs/src/broker/index.js', ['connect', 'initProducerId', 'metadata', 'produce', 'txnOffsetCommit']],
    ['kafkajs/src/cluster/brokerPool.js', ['refreshMetadata', 'withBroker']],
  ]
  for (const [module, methods] of METHODS) {
    it(`finds its methods in ${module}`, () => {
      const { prototype } = require(module) as Class
      for (const method of methods) assert.equal(typeof prototype[method], 'function', method)
    })
  }

  it('finds its factories', () => {
    assert.equal(typeof require('kafkajs/src/network/socketFactory.js'), 'function')
    assert.equal(typeof (require('kafkajs/src/loggers/index.js') as { createLogger: unknown }).createLogger, 'function')
  })

  it('finds the parts of a cluster from which connections besides its own are made', () => {
    const Cluster = require('kafkajs/src/cluster/index.js') as new (options: object) => {
      connectionPoolBuilder: { build: unknown }
      brokerPool: { createBroker: unknown; versions: unknown }
    }
    const { brokerPool, connectionPoolBuilder } = new Cluster({ logger, brokers: ['h:1'], socketFactory: () => undefined })
    assert.equal(typeof connectionPoolBuilder.build, 'function')
    assert.equal(typeof brokerPool.createBroker, 'function')
    assert.ok('versions' in brokerPool)
  })

  it('finds the errors of the protocol by number', () => {
    const { createErrorFromCode } = require('kafkajs/src/protocol/error.js') as { createErrorFromCode: (code: number) => { type: string } }
    assert.equal(createErrorFromCode(88).type, 'UNSTABLE_OFFSET_COMMIT')
  })

  it('finds the fields of a connection that a reconnect must reset', () => {
    const Connection = require('kafkajs/src/network/connection.js') as new (options: object) => Record<string, unknown>
    const connection = new Connection({
      host: 'h',
      port: 1,
      logger,
      socketFactory: () => undefined,
      requestTimeout: 1,
      connectionTimeout: 1,
    })
    assert.deepEqual(connection['chunks'], [])
    assert.equal(connection['bytesBuffered'], 0)
    assert.equal(connection['bytesNeeded'], 4)
    assert.ok('requestQueue' in connection && 'sasl' in connection && 'socketFactory' in connection)
  })

  it('fails the metadata of all topics for one partition without a leader, unless it is patched', async () => {
    const { parse } = require('kafkajs/src/protocol/requests/metadata/v6/response.js') as { parse: (data: object) => Promise<unknown> }
    const partitionMetadata = [{ partitionErrorCode: 5, partitionId: 0, leader: -1 }]
    await assert.rejects(parse({ topicMetadata: [{ topicErrorCode: 0, partitionMetadata }] }), { type: 'LEADER_NOT_AVAILABLE' })
  })

  it('copies no answer that arrives as a whole', () => {
    fixKafkajs()
    const Connection = require('kafkajs/src/network/connection.js') as new (options: object) => {
      requestQueue: { fulfillRequest: (reply: { payload: Buffer }) => void }
      processData(data: Buffer): void
    }
    const settings = { host: 'h', port: 1, logger, socketFactory: () => undefined, requestTimeout: 1, connectionTimeout: 1 }
    const connection = new Connection(settings)
    const payloads: Buffer[] = []
    connection.requestQueue.fulfillRequest = ({ payload }) => payloads.push(payload)
    const answers = [1, 2, 3].map((fill) => Buffer.alloc(108, fill))
    // Size and correlation id are in front of the payload.
    for (const answer of answers) answer.writeInt32BE(104, 0)
    for (const answer of answers) connection.processData(answer)
    assert.deepEqual(
      payloads.map(({ buffer, length }) => [buffer, length]),
      answers.map(({ buffer }) => [buffer, 100]),
    )
  })

  it('arms no timer on an idle connection', () => {
    fixKafkajs()
    fixKafkajs()
    const RequestQueue = require('kafkajs/src/network/requestQueue/index.js') as new (options: object) => QueueInternals
    const queue = new RequestQueue({
      maxInFlightRequests: 1,
      requestTimeout: 1_000,
      enforceRequestTimeout: false,
      clientId: 'c',
      broker: 'b',
      logger,
    })
    const request = (correlationId: number): object => ({
      entry: { apiKey: 0, apiName: 'n', apiVersion: 0, correlationId, resolve: () => undefined, reject: () => undefined },
      expectResponse: true,
      requestTimeout: null,
      sendRequest: () => undefined,
    })
    queue.push(request(1))
    queue.fulfillRequest({ correlationId: 1, payload: Buffer.alloc(0), size: 0 })
    assert.equal(queue.throttleCheckTimeoutId, null)
    // A second request must wait for the first: then the timer is needed and armed.
    queue.push(request(2))
    queue.push(request(3))
    assert.equal(queue.pending.length, 1)
    assert.notEqual(queue.throttleCheckTimeoutId, null)
    queue.destroy()
  })
})
