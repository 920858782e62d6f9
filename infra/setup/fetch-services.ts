// A step of the set-up: fetches the programs of the local services (Kafka, registry) once into the cache.
import { kafkaJars, registryFolder } from '../local/artifacts.js'
import type { LogMethod } from '../process/logger.js'

const say: LogMethod = (facts, message) => {
  process.stdout.write(`${message} ${JSON.stringify(facts)}\n`)
}
const log = { debug: say, info: say, warn: say, error: say }

await kafkaJars(log)
await registryFolder(log)
