// What an earlier version, or other knobs, left in pinned rings is collected with its own epoch; then its pins are removed.
// A collector of its own for each: it reads to the end, closes the ledger of that epoch and ends.
import { startCollector } from '../collector/collector.js'
import { RECORD_VERSION } from '../collector/source/capture-format.js'
import type { EventSource } from '../collector/source/event-source.js'
import type { Part } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { within } from '../infra/waiting/clock.js'
import { deferred } from '../infra/waiting/waiters.js'
import type { OlderSource } from './source.js'

/** What the end of the run gives a rest that is being read. */
const END_MS = 5000

/** Collects what each holds, one after the other. What the log does not take before the end stays pinned for the next start. */
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
        log.warn({ err: error, epochUs }, 'the rest of older rings can not be read now: it is tried again at the next start')
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

/** @returns true when nothing of it is needed any more */
async function collectOne(
  source: EventSource,
  collectorOf: (source: EventSource) => Parameters<typeof startCollector>,
  log: Logger,
): Promise<boolean> {
  const { epochUs, recordVersion } = source.pinned ?? {}
  if (recordVersion !== RECORD_VERSION) {
    log.warn({ epochUs, recordVersion }, 'pinned rings of another version of records can not be read: what they held is lost')
    return true
  }
  const collector = await startCollector(...collectorOf(source))
  await collector.stop('older rings are read to their end')
  const { published } = collector.stats()
  if (source.pinned?.isEmpty() !== true) {
    log.warn({ epochUs }, 'the rest of older rings was not acknowledged: it is tried again at the next start')
    return false
  }
  log.info({ epochUs, published }, 'older pinned rings were read to their end and removed')
  return true
}
