// The local stack of `eunomia stack up|down|status`: Kafka, Redis and, on request, the schema registry, in one state folder. Each command finds
// running services by the state folder.
import { join } from 'node:path'
import type { Logger } from '../process/logger.js'
import { kafkaAddress, startKafka } from './kafka-service.js'
import { findService, logFileOf, type LocalService } from './local-service.js'
import { redisAddress, startRedis } from './redis-service.js'
import { registryAddress, startRegistry } from './registry-service.js'

const STACK_SERVICES = ['kafka', 'redis', 'registry'] as const
export type StackServiceName = (typeof STACK_SERVICES)[number]

const ADDRESS_OF = { kafka: kafkaAddress, redis: redisAddress, registry: registryAddress } as const

/** Options of the stack. */
export interface StackOptions {
  /** Folder of data, logs, pids and ports. */
  readonly stateFolder: string
  /** Default: kafka and redis. */
  readonly services?: readonly StackServiceName[]
  /** Default: free ports, which remain the same at the next start. */
  readonly ports?: { readonly broker?: number; readonly controller?: number; readonly redis?: number; readonly registry?: number }
}

/** One line of `stack status`. */
export interface StackServiceStatus {
  readonly name: StackServiceName
  /** Null if it is not running. */
  readonly address: string | null
  readonly pid: number | null
  readonly log: string
}

/**
 * Starts the services that are not running.
 * @throws StackFailedError, PortInUseError, StateFolderError; services that were started keep running
 */
export async function stackUp(options: StackOptions, log: Logger): Promise<LocalService[]> {
  const { ports = {}, services = ['kafka', 'redis'] } = options
  const folder = (name: StackServiceName): string => join(options.stateFolder, name)
  const starters: Record<StackServiceName, () => Promise<LocalService>> = {
    kafka: async () => await startKafka({ stateFolder: folder('kafka'), ports }, log),
    redis: async () => await startRedis({ stateFolder: folder('redis'), ...(ports.redis !== undefined && { port: ports.redis }) }, log),
    registry: async () =>
      await startRegistry({ stateFolder: folder('registry'), ...(ports.registry !== undefined && { port: ports.registry }) }, log),
  }
  return await settleAll(STACK_SERVICES.filter((name) => services.includes(name)).map(async (name) => await starters[name]()))
}

/** Stops the running services; data remains. @returns the stopped services */
export async function stackDown(stateFolder: string): Promise<StackServiceName[]> {
  return await settleAll(
    STACK_SERVICES.map(async (name) => {
      const service = await findService(name, join(stateFolder, name), ADDRESS_OF[name])
      await service?.stop()
      return service === undefined ? undefined : name
    }),
  ).then((names) => names.filter((name) => name !== undefined))
}

/** State of each service. */
export async function stackStatus(stateFolder: string): Promise<StackServiceStatus[]> {
  return await Promise.all(
    STACK_SERVICES.map(async (name) => {
      const folder = join(stateFolder, name)
      const service = await findService(name, folder, ADDRESS_OF[name])
      return { name, address: service?.address ?? null, pid: service?.pid ?? null, log: logFileOf(folder) }
    }),
  )
}

/** Waits for all, then throws the first error, so that nothing is in progress after a rejection. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
