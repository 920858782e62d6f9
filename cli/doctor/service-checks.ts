// Checks of services: container runtimes, Kafka with its topics, Redis, the state folder. Each check talks to the service.
import type { Config } from '../../infra/config/config-schema.js'
import { kafkaConfigOf } from '../../infra/config/kafka-settings.js'
import { maskedUrl } from '../../infra/config/masked.js'
import { messageOf } from '../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { defaultStateFolder, openStateFolder } from '../../infra/process/state-folder.js'
import type { RedisReply } from '../../infra/redis/redis.js'
import { ill, well, type CheckResult, type CheckStatus } from './check.js'

const ANSWER_MS = 3000
const RUNTIME_MEND =
  'start one, or configure its socket (collector.dockerSockets and similar); containers still have ids, but no name and image'
/** More than the delay of a slow answer. */
const APART_MS = 5000

/**
 * Container runtimes answer on their sockets. A missing socket is reported if it is configured; for the defaults only that none exists.
 * @param isConfigured returns true if the setting with this path is not the default
 */
export async function checkRuntimes(config: Config['collector'], isConfigured: (path: string) => boolean): Promise<readonly CheckResult[]> {
  const { containerRuntimes, namedSockets, runtimeSocketsOf } = await import('../../assembly/container-runtimes.js')
  const { isAbsence } = await import('../../collector/containers/runtime.js')
  const runtimes = containerRuntimes(config, SILENT_LOGGER)
  const named = namedSockets(config, isConfigured)
  const checks = await Promise.all(
    runtimes.map(async (runtime) => {
      if (runtime.version === undefined) return []
      const name = `${runtime.name} at ${runtime.socketPath ?? ''}`
      try {
        return [{ isAbsent: false, result: well(name, (await runtime.version(AbortSignal.timeout(ANSWER_MS))) || 'unknown version') }]
      } catch (error) {
        const isAbsent = isAbsence(error) && !named.includes(runtime.socketPath ?? '')
        return [{ isAbsent, result: ill(name, messageOf(error), RUNTIME_MEND, 'warning') }]
      } finally {
        runtime.close()
      }
    }),
  )
  const all = checks.flat()
  const here = all.filter(({ isAbsent }) => !isAbsent)
  if (here.length > 0) return here.map(({ result }) => result)
  return [ill('container runtimes', `none at ${runtimeSocketsOf(config).join(', ')}`, RUNTIME_MEND, 'warning')]
}

/** Brokers answer, and the topics have the expected configuration. */
export async function checkKafka(kafka: Config['kafka'], isConfigured: boolean): Promise<readonly CheckResult[]> {
  const name = `Kafka at ${kafka.brokers.join(', ')}`
  const status: CheckStatus = isConfigured ? 'failed' : 'warning'
  try {
    const { checkTopics } = await import('../../infra/kafka/admin.js')
    const differences = await checkTopics(kafkaConfigOf(kafka), kafka, SILENT_LOGGER)
    if (differences.length === 0) return [well(name, 'answers; all topics are correct')]
    const topics = new Set(differences.map(({ topic }) => topic)).size
    return [well(name, 'answers'), ill('topics', `${String(topics)} differ`, 'eunomia topics check; eunomia topics create', status)]
  } catch (error) {
    return [ill(name, messageOf(error), `check kafka.brokers; to start one here: eunomia stack up${needless(isConfigured)}`, status)]
  }
}

/** Redis answers, and its clock is close to ours. */
export async function checkRedis(redis: Config['redis'], isConfigured: boolean): Promise<readonly CheckResult[]> {
  const { connectRedis } = await import('../../infra/redis/redis.js')
  const name = `Redis at ${maskedUrl(redis.url)}`
  const client = connectRedis({ url: redis.url, connectTimeoutMs: ANSWER_MS }, SILENT_LOGGER)
  try {
    await client.waitUntilReady(ANSWER_MS)
    const milliseconds = await client.ping()
    const [time] = await client.batch([['TIME']])
    const apartMs = Math.abs(redisMs(time) - Date.now())
    if (apartMs > APART_MS)
      return [ill(name, `its clock and ours are ${(apartMs / 1000).toFixed(1)} s apart`, 'synchronise both clocks with NTP', 'warning')]
    return [well(name, `answers in ${milliseconds.toFixed(1)} ms`)]
  } catch (error) {
    const fix = `check redis.url; to start one here: eunomia stack up${needless(isConfigured)}`
    return [ill(name, messageOf(error), fix, isConfigured ? 'failed' : 'warning')]
  } finally {
    await client.close()
  }
}

/** The state folder can be opened and written. */
export async function checkStateFolder(configured: string | null): Promise<readonly CheckResult[]> {
  try {
    const { path, hostId } = await openStateFolder(configured ?? defaultStateFolder())
    return [well('state folder', `${path}, host id ${hostId}`)]
  } catch (error) {
    return [
      ill(
        'state folder',
        messageOf(error),
        'correct what this check names; to use another folder: --set stateFolder=FOLDER, or EUNOMIA_STATE_FOLDER',
      ),
    ]
  }
}

/** Unix time from a reply to TIME: seconds and microseconds as text. */
function redisMs(reply: RedisReply | undefined): number {
  const [seconds, micros] = Array.isArray(reply) ? reply.map(String) : []
  return Number(seconds) * 1000 + Number(micros) / 1000
}

function needless(isConfigured: boolean): string {
  return isConfigured ? '' : '; not needed for eunomia run'
}
