// Real Kafka, Redis and registry for tests: each is started once per mocha run, at the first test that asks for it, in a folder of its own
// under the temp folder, and stopped when the run ends. What an earlier, killed run left behind is stopped and removed first.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../../../infra/local/kafka-service.js'
import type { LocalService } from '../../../infra/local/local-service.js'
import { identityOf, isAlive, parseIdentity } from '../../../infra/local/service-state.js'
import { startRedis } from '../../../infra/local/redis-service.js'
import { startRegistry } from '../../../infra/local/registry-service.js'
import { stackDown } from '../../../infra/local/stack.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'

const ROOT = join(tmpdir(), `eunomia-test-services-${String(process.getuid?.() ?? 0)}`)

let runFolder: Promise<string> | undefined
const running = new Map<string, Promise<LocalService>>()

/** Shared Kafka of this run; topics are the caller's to name apart. */
export async function sharedKafka(): Promise<LocalService> {
  return await once('kafka', async (stateFolder) => await startKafka({ stateFolder }, SILENT_LOGGER))
}

/** Shared Redis of this run; key prefixes are the caller's to choose apart. */
export async function sharedRedis(): Promise<LocalService> {
  return await once('redis', async (stateFolder) => await startRedis({ stateFolder }, SILENT_LOGGER))
}

/** Shared registry of this run; subjects are the caller's to name apart. */
export async function sharedRegistry(): Promise<LocalService> {
  return await once('registry', async (stateFolder) => await startRegistry({ stateFolder }, SILENT_LOGGER))
}

/**
 * A folder for one test's own stack, e.g. a broker that it kills: services stand in its sub-folders `kafka`, `redis`, `registry`, as those of a
 * stack do. What runs there is stopped and removed at the end of the run.
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
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await stackDown(join(folder, entry.name))
  await rm(folder, { recursive: true, force: true })
}

// Benches use this file too, without mocha; they call stopSharedServices themselves.
if (typeof after === 'function') {
  after(async function () {
    this.timeout(60_000)
    await stopSharedServices()
  })
}
