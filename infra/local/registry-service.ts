// A local schema registry (Apicurio with the Confluent API); its data is an H2 file in the state folder.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../process/logger.js'
import { registryFolder } from './artifacts.js'
import { runCommand } from './command.js'
import { startService, type LocalService } from './local-service.js'
import { choosePorts } from './ports.js'
import type { ServicePorts } from './service-state.js'
import { StackFailedError } from '../process/errors.js'

const OLDEST_JAVA = 21
const JAVA_FIX = `install a Java runtime of version ${String(OLDEST_JAVA)} or later, and set JAVA_HOME if it is not under /usr/lib/jvm`

/** Options of the local registry. */
export interface RegistryServiceOptions {
  readonly stateFolder: string
  /** Default: a free port. */
  readonly port?: number
}

/** Root URL of the Confluent API. */
export function registryAddress(ports: ServicePorts): string {
  return `http://127.0.0.1:${String(ports['registry'])}/apis/ccompat/v7`
}

/**
 * Starts the registry, or finds it running in this state folder.
 * @throws StackFailedError, PortInUseError, StateFolderError
 */
export async function startRegistry(options: RegistryServiceOptions, log: Logger): Promise<LocalService> {
  const folder = options.stateFolder
  return await startService(
    {
      name: 'registry',
      folder,
      addressOf: registryAddress,
      choosePorts: async (remembered) =>
        await choosePorts(['registry'], options.port === undefined ? {} : { registry: options.port }, remembered),
      prepare: async (ports) => ({
        command: await findJava(),
        args: [
          '-Xmx512m',
          '-XX:TieredStopAtLevel=1',
          '-XX:+UseSerialGC',
          '-Dquarkus.http.host=127.0.0.1',
          `-Dquarkus.http.port=${String(ports['registry'])}`,
          // By default its management interface takes port 9000 on all addresses, so that a second registry would not start.
          '-Dquarkus.management.host=127.0.0.1',
          '-Dquarkus.management.port=0',
          `-Dapicurio.datasource.url=jdbc:h2:file:${join(folder, 'registry')}`,
          '-jar',
          join(await registryFolder(log), 'quarkus-run.jar'),
        ],
      }),
      isReady: async (ports) => await answersOk(`${registryAddress(ports)}/subjects`),
      startTimeoutMs: 90_000,
      fix: 'see its log; it needs about 500 MB of memory',
    },
    log,
  )
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** JAVA_HOME, or the newest Java; at least OLDEST_JAVA. @throws StackFailedError */
export async function findJava(): Promise<string> {
  const homes = [process.env['JAVA_HOME'], ...javaHomes()]
  for (const home of homes) {
    if (home === undefined || !existsSync(join(home, 'bin', 'java'))) continue
    const java = join(home, 'bin', 'java')
    const settings = await runCommand('sh', ['-c', '"$0" -XshowSettings:properties -version 2>&1', java], { fix: JAVA_FIX })
    if (Number(/java\.specification\.version = (\d+)/.exec(settings)?.[1] ?? 0) >= OLDEST_JAVA) return java
  }
  throw new StackFailedError(`the registry needs Java ${String(OLDEST_JAVA)}: ${JAVA_FIX}`)
}

function javaHomes(): string[] {
  const root = '/usr/lib/jvm'
  if (!existsSync(root)) return []
  return readdirSync(root)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(root, name))
}
