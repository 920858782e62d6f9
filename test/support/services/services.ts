// Real Kafka, Redis and registry for tests: each is started once per mocha run, by the first test that needs it, in its own folder
// under the temp folder, and stopped when the run ends. Leftovers of an earlier, killed run are stopped and removed first.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../../../infra/local/kafka-service.js'
import { findService, type LocalService } from '../../../infra/local/local-service.js'
import { identityOf, isAlive, parseIdentity } from '../../../infra/local/service-state.js'
import { startRedis } from '../../../infra/local/redis-service.js'
import { startRegistry } from '../../../infra/local/registry-service.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'

const ROOT = join(tmpdir(), `eunomia-test-services-${String(process.getuid?.() ?? 0)}`)

let runFolder: Promise<string> | undefined
const running = new Map<string, Promise<LocalService>>()

/** Shared Kafka of this run; the caller chooses topic names that differ from others. */
export async function sharedKafka(): Promise<LocalService> {
  return await once('kafka', async (stateFolder) => await startKafka({ stateFolder }, SILENT_LOGGER))
}

/** Shared Redis of this run; the caller chooses a key prefix that differs from others. */
export async function sharedRedis(): Promise<LocalService> {
  return await once('redis', async (stateFolder) => await startRedis({ stateFolder }, SILENT_LOGGER))
}

/** Shared registry of this run; the caller chooses subjects that differ from others. */
export async function sharedRegistry(): Promise<LocalService> {
  return await once('registry', async (stateFolder) => await startRegistry({ stateFolder }, SILENT_LOGGER))
}

/**
 * A folder for the stack of a single test, for example a broker that it kills. Services are in its sub-folders `kafka`, `redis` and `registry`, as
 * in any stack, and others in folders of their names. What runs there is stopped and removed at the end of the run.
 */
export async function testServiceFolder(name: string): Promise<string> {
  return await mkdtemp(join(await ownFolder(), `${name}-`))
}

/** Stops everything that this run started, and removes its folder. */
export async function stopSharedServices(): Promise<void> {
  if (runFolder === undefined) return
  const folder = await runFolder
  await Promise.allSettled(running.values())
  running.clear()
  runFolder = undefined
  await removeRun(folder)
}

async function once(name: string, start: (stateFolder: string) => Promise<LocalService>): Promise<LocalService> {
  let service = running.get(name)
  if (service === undefined) {
    service = ownFolder().then(async (folder) => await start(join(folder, 'shared', name)))
    running.set(name, service)
  }
  return await service
}

async function ownFolder(): Promise<string> {
  runFolder ??= makeRun()
  return await runFolder
}

async function makeRun(): Promise<string> {
  await mkdir(ROOT, { recursive: true, mode: 0o700 })
  for (const name of await readdir(ROOT)) {
    const folder = join(ROOT, name)
    const owner = await readFile(join(folder, 'owner.json'), 'utf8').catch(() => undefined)
    if (owner === undefined) continue
    const identity = parseIdentity(JSON.parse(owner))
    if (identity === undefined || !isAlive(identity)) await removeRun(folder)
  }
  const folder = await mkdtemp(join(ROOT, 'run-'))
  await writeFile(join(folder, 'owner.json'), JSON.stringify(identityOf(process.pid)))
  return folder
}

async function removeRun(folder: string): Promise<void> {
  for (const stack of await foldersIn(folder)) {
    for (const name of await foldersIn(join(folder, stack))) {
      const service = await findService(name, join(folder, stack, name), () => '')
      await service?.stop()
    }
  }
  await rm(folder, { recursive: true, force: true })
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

// Benches use this file too, without mocha; they call stopSharedServices themselves.
if (typeof after === 'function') {
  after(async function () {
    this.timeout(60_000)
    await stopSharedServices()
  })
}
