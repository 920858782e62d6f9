// Runs the Java consumer of test/fixtures/java-consumer; its jars are downloaded once from Maven Central to the cache outside of the checkout.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../../infra/local/artifacts.js'
import { runCommand } from '../../../infra/local/command.js'
import { packageRoot } from '../../../infra/process/package-root.js'

const PROJECT = join(packageRoot(), 'test', 'fixtures', 'java-consumer')
const FIX = 'install a JDK and Maven (apt-get install default-jdk-headless maven) and let it reach Maven Central'

/** One record as Java read it: the value is the JSON that Avro's own library prints. */
export interface JavaRecord {
  readonly topic: string
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

/** The jars that the consumer needs. */
export async function javaConsumerJars(): Promise<string> {
  const pom = join(PROJECT, 'pom.xml')
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12)
  const target = join(cacheFolder(), `java-consumer-${hash}`)
  if (existsSync(target)) return target
  await mkdir(cacheFolder(), { recursive: true })
  const partial = await mkdtemp(join(cacheFolder(), '.java-consumer-'))
  try {
    await runCommand('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`], { fix: FIX })
    await rename(partial, target)
    return target
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Reads `count` records of topics with Java, in the order of each. @param registry root of Apicurio's own API */
export async function readWithJava(
  brokers: string,
  registry: string,
  topics: readonly string[],
  count: number,
): Promise<readonly JavaRecord[]> {
  const jars = await javaConsumerJars()
  const source = join(PROJECT, 'src', 'main', 'java', 'ReadTopic.java')
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', `${jars}/*`]
  const output = await runCommand('java', [...flags, source, brokers, registry, topics.join(','), String(count)], { fix: FIX })
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JavaRecord)
}
