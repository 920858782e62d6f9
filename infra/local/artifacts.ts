// Downloads the jars of Kafka and the registry once from Maven Central, into a cache outside the checkout.
// A folder gets its final name only when it is complete, so an interrupted download is never used.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../process/logger.js'
import { packageRoot } from '../process/package-root.js'
import { runCommand } from './command.js'
import { StackFailedError } from '../process/errors.js'

const REGISTRY_VERSION = '3.3.3'
export const MAVEN_FIX = 'install Maven (apt-get install maven) and let it reach Maven Central'

/** Folder of downloads: `$EUNOMIA_CACHE`, otherwise `~/.cache/eunomia`. */
export function cacheFolder(): string {
  return process.env['EUNOMIA_CACHE'] ?? join(homedir(), '.cache', 'eunomia')
}

/**
 * The folder with the jars of Kafka; downloads them (54 MB) if it does not exist.
 * @throws StackFailedError if Maven is missing or fails
 */
export async function kafkaJars(log: Logger): Promise<string> {
  const pom = join(packageRoot(), 'infra', 'local', 'pom.xml')
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12)
  return await fetchedOnce(`kafka-${hash}`, log, async (folder) => {
    await runCommand('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`], { fix: MAVEN_FIX })
  })
}

/**
 * The folder of the unpacked Apicurio registry; downloads it (160 MB) if it does not exist.
 * @throws StackFailedError if Maven or tar is missing or fails
 */
export async function registryFolder(log: Logger): Promise<string> {
  return await fetchedOnce(`apicurio-${REGISTRY_VERSION}`, log, async (folder) => {
    const artifact = `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`
    await runCommand('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], {
      cwd: folder,
      fix: MAVEN_FIX,
    })
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz'))
    if (archive === undefined) throw new StackFailedError(`Maven downloaded no archive of the registry (${artifact})`)
    await runCommand('tar', ['xzf', archive], { cwd: folder, fix: 'free some disk space and retry' })
    await rm(join(folder, archive))
  })
}

/** The folder of that name in the cache; fetches its content if it does not exist. */
export async function fetchedOnce(name: string, log: Logger, fetchInto: (folder: string) => Promise<void>): Promise<string> {
  const cache = cacheFolder()
  const target = join(cache, name)
  if (existsSync(target)) return target
  await mkdir(cache, { recursive: true })
  const partial = await mkdtemp(join(cache, `.${name}-`))
  try {
    log.info({ folder: target }, 'downloading from Maven Central, once')
    await fetchInto(partial)
    await rename(partial, target).catch((error: unknown) => {
      // Another run was faster, and its folder is the same.
      if (!existsSync(target)) throw error
    })
    return target
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}
