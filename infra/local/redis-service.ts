// A local Redis; its data is an append-only file in the state folder.
import type { Logger } from '../process/logger.js'
import { startService, type LocalService } from './local-service.js'
import { askPort, choosePorts } from './ports.js'
import type { ServicePorts } from './service-state.js'

/** Options of the local Redis. */
export interface RedisServiceOptions {
  readonly stateFolder: string
  /** Default: a free port. */
  readonly port?: number
}

/** URL of the server. */
export function redisAddress(ports: ServicePorts): string {
  return `redis://127.0.0.1:${String(ports['redis'])}`
}

/**
 * Starts Redis, or finds it running in this state folder.
 * @throws StackFailedError, PortInUseError, StateFolderError
 */
export async function startRedis(options: RedisServiceOptions, log: Logger): Promise<LocalService> {
  const folder = options.stateFolder
  return await startService(
    {
      name: 'redis',
      folder,
      addressOf: redisAddress,
      choosePorts: async (remembered) =>
        await choosePorts(['redis'], options.port === undefined ? {} : { redis: options.port }, remembered),
      prepare: async (ports) => ({
        command: 'redis-server',
        args: ['--port', String(ports['redis']), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''],
      }),
      isReady: async (ports) =>
        (await askPort(ports['redis'] ?? 0, Buffer.from('PING\r\n')))?.toString('latin1').startsWith('+PONG') ?? false,
      startTimeoutMs: 20_000,
      fix: 'install Redis (apt-get install redis-server) or see its log',
    },
    log,
  )
}
