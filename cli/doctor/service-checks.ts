// What stands around us: container runtime, Kafka with its topics, Redis, the state folder. Each is spoken to, not looked for.
import type { Config } from '../../infra/config/config-schema.js'
import { kafkaConfigOf } from '../../infra/config/kafka-settings.js'
import { maskedUrl } from '../../infra/config/masked.js'
import { messageOf } from '../../infra/errors.js'
import { SILENT_LOGGER } from '../../infra/logger.js'
import { defaultStateFolder, openStateFolder } from '../../infra/state-folder.js'
import type { RedisReply } from '../../infra/redis.js'
import { ill, well, type CheckResult, type CheckStatus } from './check.js'

const ANSWER_MS = 3000
/** More than a slow answer makes. */
const APART_MS = 5000

/** Docker answers on each of its sockets. */
export async function checkDocker(sockets: readonly string[]): Promise<readonly CheckResult[]> {
  const { DockerApi } = await import('../../collector/containers/docker/docker-api.js')
  return await Promise.all(
    sockets.map(async (socketPath) => {
      const name = `Docker at ${socketPath}`
      const api = new DockerApi({ socketPath, timeoutMs: ANSWER_MS, maxAnswerBytes: 1 << 20 }, 1)
      try {
        const answer = await api.get('/version', new AbortController().signal)
        const version = typeof answer === 'object' && answer !== null && 'Version' in answer ? String(answer.Version) : 'unknown version'
        return well(name, version)
      } catch (error) {
        const mend =
          'start Docker, or name its socket (collector.dockerSockets); containers are still told apart, but without name and image'
        return ill(name, messageOf(error), mend, 'warning')
      } finally {
        api.close()
      }
    }),
  )
}

/** Brokers answer, and the topics are as they must be. */
export async function checkKafka(kafka: Config['kafka'], isConfigured: boolean): Promise<readonly CheckResult[]> {
  const name = `Kafka at ${kafka.brokers.join(', ')}`
  const status: CheckStatus = isConfigured ? 'failed' : 'warning'
  try {
    const { checkTopics } = await import('../../infra/kafka/admin.js')
    const differences = await checkTopics(kafkaConfigOf(kafka), kafka, SILENT_LOGGER)
    if (differences.length === 0) return [well(name, 'answers; all topics are as they must be')]
    const topics = new Set(differences.map(({ topic }) => topic)).size
    return [well(name, 'answers'), ill('topics', `${String(topics)} differ`, 'eunomia topics check; eunomia topics create', status)]
  } catch (error) {
    return [ill(name, messageOf(error), `check kafka.brokers; to try one here: eunomia stack up${needless(isConfigured)}`, status)]
  }
}

/** Redis answers, and its clock is about ours. */
export async function checkRedis(redis: Config['redis'], isConfigured: boolean): Promise<readonly CheckResult[]> {
  const { connectRedis } = await import('../../infra/redis.js')
  const name = `Redis at ${maskedUrl(redis.url)}`
  const client = connectRedis({ url: redis.url, connectTimeoutMs: ANSWER_MS }, SILENT_LOGGER)
  try {
    await client.waitUntilReady(ANSWER_MS)
    const milliseconds = await client.ping()
    const [time] = await client.batch([['TIME']])
    const apartMs = Math.abs(redisMs(time) - Date.now())
    if (apartMs > APART_MS)
      return [ill(name, `its clock and ours are ${(apartMs / 1000).toFixed(1)} s apart`, 'let NTP keep both clocks', 'warning')]
    return [well(name, `answers in ${milliseconds.toFixed(1)} ms`)]
  } catch (error) {
    const mend = `check redis.url; to try one here: eunomia stack up${needless(isConfigured)}`
    return [ill(name, messageOf(error), mend, isConfigured ? 'failed' : 'warning')]
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
      ill('state folder', messageOf(error), 'what the message says; another folder: --set stateFolder=FOLDER, or EUNOMIA_STATE_FOLDER'),
    ]
  }
}

/** Unix time of an answer to TIME: seconds and microseconds as text. */
function redisMs(reply: RedisReply | undefined): number {
  const [seconds, micros] = Array.isArray(reply) ? reply.map(String) : []
  return Number(seconds) * 1000 + Number(micros) / 1000
}

function needless(isConfigured: boolean): string {
  return isConfigured ? '' : '; not needed for eunomia run'
}
