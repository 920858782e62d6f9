// Reports to the service manager (Type=notify and WatchdogSec of the unit): READY once the host collects, WATCHDOG while the rings are really
// polled, STOPPING when it ends. Without NOTIFY_SOCKET it does nothing. @see sd_notify(3), sd_watchdog_enabled(3)
import type { EventSource } from '../collector/source/event-source.js'
import type { Lifecycle } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { notifyService } from '../native/service-notify.js'

/** What is needed of the process. */
export interface ServiceWatchDeps {
  readonly source: Pick<EventSource, 'hasProgressed'>
  readonly log: Logger
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly pid?: number
  /** @see notifyService */
  readonly notify?: (socket: string, text: string) => string | null
}

/** Reports that the start is complete, and then progress, three times in the interval of the watchdog. `lifecycle` ends it. */
export function startServiceWatch({ source, log, ...deps }: ServiceWatchDeps, lifecycle: Pick<Lifecycle, 'onStop'>): void {
  const { environment = process.env, pid = process.pid, notify = notifyService } = deps
  const socket = environment['NOTIFY_SOCKET']
  if (socket === undefined || socket === '') return
  const send = (text: string): void => {
    const error = notify(socket, text)
    if (error !== null) log.warn({ socket, error, text }, 'the service manager could not be notified')
  }
  const everyMs = intervalMs(environment, pid)
  let isStuck = false
  const check = (): void => {
    const hasProgressed = source.hasProgressed?.() ?? true
    if (hasProgressed) send('WATCHDOG=1')
    else if (!isStuck) log.error({ everyMs }, 'the rings are not read any more: the watchdog of the service manager gets no more reports')
    isStuck = !hasProgressed
  }
  const timer = everyMs === null ? null : setInterval(check, everyMs)
  lifecycle.onStop('service watch', () => {
    if (timer !== null) clearInterval(timer)
    send('STOPPING=1')
    return Promise.resolve()
  })
  send('READY=1')
}

/** A third of WATCHDOG_USEC; null when the manager does not watch over this process. */
function intervalMs(environment: Readonly<Record<string, string | undefined>>, pid: number): number | null {
  const us = Number(environment['WATCHDOG_USEC'] ?? '')
  const isForUs = (environment['WATCHDOG_PID'] ?? String(pid)) === String(pid)
  return isForUs && Number.isSafeInteger(us) && us > 0 ? Math.max(1, Math.floor(us / 3000)) : null
}
