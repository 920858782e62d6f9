// Reads the rings that an earlier version, or other knobs, left pinned, with their own epoch; then removes their pins.
// Each set of rings has a collector of its own, which reads to the end, closes the ledger of that epoch and ends.
import { startCollector } from '../collector/collector.js'
import { RECORD_VERSION } from '../native/generated/layout.js'
import type { EventSource } from '../collector/source/event-source.js'
import type { Part } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { within } from '../infra/waiting/clock.js'
import { deferred } from '../infra/waiting/waiters.js'
import type { OlderSource } from './source.js'

/** Time that the end of the run grants to rings that are still being read. */
const END_MS = 5000

/** Collects each set of rings in turn. What the log does not accept before the end stays pinned for the next start. */
export function collectOlder(
  older: readonly OlderSource[],
  collectorOf: (source: EventSource) => Parameters<typeof startCollector>,
  log: Logger,
): Part {
  let isStopping = false
  const ended = deferred()
  const collectAll = async (): Promise<void> => {
    for (const { source, remove } of older) {
      if (isStopping) return
      const epochUs = source.pinned?.epochUs
      try {
        if (await collectOne(source, collectorOf, log)) remove()
      } catch (error) {
        log.warn({ err: error, epochUs }, 'older rings cannot be read now; the next start retries')
      }
    }
  }
  const work = collectAll()
  const stop = async (): Promise<void> => {
    isStopping = true
    await within(END_MS, work)
    ended.resolve()
  }
  return { done: ended.promise, stop }
}

/** @returns true if the rings are no longer needed */
async function collectOne(
  source: EventSource,
  collectorOf: (source: EventSource) => Parameters<typeof startCollector>,
  log: Logger,
): Promise<boolean> {
  const { epochUs, recordVersion } = source.pinned ?? {}
  if (recordVersion !== RECORD_VERSION) {
    log.warn({ epochUs, recordVersion }, 'pinned rings have another record version and cannot be read: their records are lost')
    return true
  }
  const collector = await startCollector(...collectorOf(source))
  await collector.stop('older rings are read to their end')
  const { published } = collector.stats()
  if (source.pinned?.isEmpty() !== true) {
    log.warn({ epochUs }, 'older rings were not acknowledged completely; the next start retries')
    return false
  }
  log.info({ epochUs, published }, 'older pinned rings were read to their end and removed')
  return true
}
