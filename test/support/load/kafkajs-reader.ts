// kafkajs as it is published, in a process of its own (ours patches it): prints the committed records of partition 0 of a topic up to a record
// with the value "end". `node kafkajs-reader.js BROKER TOPIC`; a JSON line per record: offset, time, key, value.
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { registerCodecs } from '../../../infra/kafka/compression.js'

const [broker = '', topic = ''] = process.argv.slice(2)
registerCodecs()
const consumer = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING }).consumer({
  groupId: `reader-${randomUUID()}`,
})
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await new Promise<void>((resolve, reject) => {
  consumer
    .run({
      eachMessage: ({ message, partition }) => {
        const { offset, timestamp, key, value } = message
        if (partition !== 0) return Promise.resolve()
        process.stdout.write(`${JSON.stringify([Number(offset), Number(timestamp), key?.toString() ?? null, value?.toString() ?? null])}\n`)
        if (value?.toString() === 'end') resolve()
        return Promise.resolve()
      },
    })
    .catch(reject)
})
await consumer.disconnect()
