// A step of the set-up: downloads the programs of the local services (Kafka, registry) into the cache.
import { kafkaJars, registryFolder } from '../local/artifacts.js'
import type { LogMethod } from '../process/logger.js'

const print: LogMethod = (facts, message) => {
  process.stdout.write(`${message} ${JSON.stringify(facts)}\n`)
}
const log = { debug: print, info: print, warn: print, error: print }

await kafkaJars(log)
await registryFolder(log)
