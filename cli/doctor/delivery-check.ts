// Checks of delivery, if there is a deliver.yaml: its settings, the Redis of the queues, and each sink by what its instances report.
import { existsSync } from 'node:fs'
import { messageOf } from '../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { counted } from '../../infra/text/printable.js'
import type { StatusRow } from '../../assembly/delivery-status.js'
import type { CommandContext } from '../settings.js'
import { type CheckResult, ill, well } from './check.js'

const ANSWER_MS = 3_000
/** Alerts that wait without a reason for a warning. */
const USUAL_LAG = 10_000

/** Settings, queues and sinks. Sends nothing: `eunomia deliver test SINK` does. */
export async function checkDelivery(context: CommandContext): Promise<readonly CheckResult[]> {
  const { config, resolved } = context
  const { deliveryFileOf } = await import('../../processors/delivery/settings/delivery-settings.js')
  const file = deliveryFileOf(config.deliver.file, resolved.file)
  if (config.deliver.file === null && !existsSync(file)) return []
  const silent = { ...context, log: SILENT_LOGGER }
  const { deliverySettings } = await import('../../assembly/delivery.js')
  try {
    const { sinks } = await deliverySettings(silent)
    const settings = well('delivery', `${file}: ${counted(sinks.length, 'sink')}`)
    const queues = await checkQueues(silent)
    return [settings, queues, ...(queues.status === 'ok' ? await checkSinks(silent) : [])]
  } catch (error) {
    return [ill('delivery', messageOf(error), 'correct the file; docs/siem.md has examples')]
  }
}

async function checkQueues({ config }: CommandContext): Promise<CheckResult> {
  const [{ connectRedis }, { evictionPolicyOf, queueUrlOf, unsafeText }] = await Promise.all([
    import('../../infra/redis/redis.js'),
    import('../../assembly/delivery.js'),
  ])
  const redis = connectRedis({ url: queueUrlOf(config), connectTimeoutMs: ANSWER_MS }, SILENT_LOGGER)
  try {
    await redis.waitUntilReady(ANSWER_MS)
    const policy = await evictionPolicyOf(redis)
    if (policy === 'noeviction') return well('queues of delivery', 'Redis answers, and removes nothing')
    return ill(
      'queues of delivery',
      `their Redis ${unsafeText(policy)}`,
      'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
    )
  } catch (error) {
    return ill('queues of delivery', messageOf(error), 'check deliver.redisUrl, or redis.url; to start one here: eunomia stack up')
  } finally {
    await redis.close()
  }
}

async function checkSinks(context: CommandContext): Promise<readonly CheckResult[]> {
  const { readStatus } = await import('../../assembly/delivery-status.js')
  try {
    return (await readStatus(context)).map(resultOf)
  } catch (error) {
    return [ill('sinks', messageOf(error), 'correct what this check names')]
  }
}

/** What is worth a look. */
export function resultOf({ sink, kind, state, lag, delivered, dead }: StatusRow): CheckResult {
  const name = `sink ${sink} (${kind})`
  const waiting = lag === null ? '' : `, ${counted(lag, 'alert')} to go`
  if (state === 'stopped') return ill(name, `no instance delivers to it${waiting}`, 'start eunomia deliver', 'warning')
  if (state === 'unavailable') return ill(name, `its receiver does not answer${waiting}`, `eunomia deliver test ${sink}`, 'warning')
  if (dead > 0) {
    const fix = `eunomia deliver dead list ${sink}; after the repair: eunomia deliver dead redrive ${sink} --all`
    return ill(name, `its receiver refused ${counted(dead, 'batch', 'batches')}${waiting}`, fix, 'warning')
  }
  if (lag !== null && lag > USUAL_LAG) {
    return ill(name, `it is behind: ${counted(lag, 'alert')} to go`, 'start more instances, or raise its concurrency', 'warning')
  }
  return well(name, `${counted(delivered, 'alert')} delivered${waiting}`)
}
