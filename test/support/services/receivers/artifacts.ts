// Programs that receive alerts in tests, from Maven Central, in the cache of the local services. Run as a program, it fetches them: a step of the
// set-up.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchedOnce, MAVEN_FIX } from '../../../../infra/local/artifacts.js'
import { runCommand } from '../../../../infra/local/command.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { createHash } from 'node:crypto'

const S3_MOCK_VERSION = '4.6.0'

/** Folder of the sources of this folder: also of what is not compiled. */
export const RECEIVERS_FOLDER = join(packageRoot(), 'test', 'support', 'services', 'receivers')

/** Folder with the jars of OpenSearch (56 MB). */
export async function openSearchJars(log: Logger = SILENT_LOGGER): Promise<string> {
  const pom = join(RECEIVERS_FOLDER, 'pom.xml')
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12)
  return await fetchedOnce(`opensearch-${hash}`, log, async (folder) => {
    await runCommand('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`], { fix: MAVEN_FIX })
  })
}

/** The jar of Adobe's S3Mock (57 MB). */
export async function s3MockJar(log: Logger = SILENT_LOGGER): Promise<string> {
  const folder = await fetchedOnce(`s3mock-${S3_MOCK_VERSION}`, log, async (target) => {
    const artifact = `com.adobe.testing:s3mock:${S3_MOCK_VERSION}:jar:exec`
    await runCommand('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${target}`], { fix: MAVEN_FIX })
  })
  return join(folder, `s3mock-${S3_MOCK_VERSION}-exec.jar`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await openSearchJars()
  await s3MockJar()
}
