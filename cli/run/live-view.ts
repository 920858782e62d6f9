// The screen of `eunomia run`: one line about what is watched, alerts as they arrive with their repeats counted, and a summary at the end.
import type { CollectorStats } from '../../collector/collector-options.js'
import type { Logger } from '../../infra/process/logger.js'
import { counted, printable } from '../../infra/text/printable.js'
import type { ProbeState } from '../../native/addon.js'
import type { Alert } from '../../schemas/generated/types.js'
import { alertLines } from '../terminal/alert-text.js'
import { colorsFor, widthOf, wrap } from '../terminal/terminal-text.js'

const LOOK_MS = 500

/** What is watched. */
export interface Watched {
  readonly hostName: string
  readonly kernelRelease: string
  readonly probes: readonly ProbeState[]
  /** File that is replayed; null for live probes. */
  readonly captureFile: string | null
  /** Rules in force. */
  readonly rulesActive: number
  /** Rules that loaded but cannot fire yet, because events or fields are missing. */
  readonly rulesWaiting: number
  /** Rules and rule files that are quarantined for their mistakes; the log names each. */
  readonly rulesQuarantined: number
  /** Rule files and folders of the command line. */
  readonly rulePaths: readonly string[]
  readonly containers: number
  /** Sockets of container runtimes if none of them answers. */
  readonly deadSockets: readonly string[]
}

/** Figures of a finished run. */
export interface Summary {
  readonly stats: CollectorStats
  readonly alerts: number
  readonly seconds: number
  /** Events that were not evaluated, or whose verdict still waited for the facts of a container. */
  readonly undecided: number
}

/** Writes text for people, or JSON lines of alerts only. */
export class LiveView {
  readonly #stream: NodeJS.WriteStream
  readonly #isJson: boolean
  readonly #repeats = new AlertRepeats()
  readonly #timer: NodeJS.Timeout | null

  constructor(stream: NodeJS.WriteStream, isJson: boolean) {
    this.#stream = stream
    this.#isJson = isJson
    this.#timer = isJson ? null : setInterval(() => this.#tellRepeats(performance.now()), LOOK_MS).unref()
  }

  watched(watched: Watched): void {
    this.say(watchedText(watched))
    for (const probe of watched.probes) {
      if (!probe.isAttached) this.say(`probe ${probe.name} is not attached: ${printable(probe.error ?? 'no reason given')}`)
    }
  }

  /** Prints a line of text; nothing in JSON mode. */
  say(text: string): void {
    if (this.#isJson) return
    for (const line of wrap(text, widthOf(this.#stream))) this.#stream.write(`${line}\n`)
  }

  /** @param isRuntimeAway no runtime answers, so the container has no name */
  alert(alert: Alert, isRuntimeAway: boolean): void {
    if (this.#isJson) {
      this.#stream.write(`${JSON.stringify(alert)}\n`)
      return
    }
    const nowMs = performance.now()
    this.#tellRepeats(nowMs)
    if (!this.#repeats.take(alert, nowMs)) return
    const lines = alertLines(alert, widthOf(this.#stream), colorsFor(this.#stream), { isRuntimeAway })
    this.#stream.write(`\n${lines.join('\n')}\n`)
  }

  #tellRepeats(nowMs: number): void {
    for (const repeats of this.#repeats.ended(nowMs)) this.say(repeatsText(repeats))
  }

  summary(summary: Summary): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#tellRepeats(Infinity)
    this.say('')
    for (const line of summaryLines(summary)) this.say(line)
  }
}

/** `... 22 more of Shadow file read by cat on host node-1 within 10 s` */
export function repeatsText({ alert, count }: Repeats): string {
  const { rule, container, containerId, origin, process } = alert
  const place = containerId === null ? `on host ${origin.hostName}` : `in container ${container?.name ?? containerId.slice(0, 12)}`
  const seconds = String(REPEAT_WINDOW_MS / 1000)
  return `... ${String(count)} more of ${printable(rule)} by ${printable(process.name)} ${printable(place)} within ${seconds} s`
}

/** `watching host-1 (kernel 6.1): 7 of 7 probes attached, 10 rules (2 more can't fire yet), 3 containers found. Ctrl-C ends.` */
export function watchedText(watched: Watched): string {
  const attached = watched.probes.filter((probe) => probe.isAttached).length
  const source =
    watched.captureFile === null
      ? `${String(attached)} of ${String(watched.probes.length)} probes attached`
      : `recorded in ${printable(watched.captureFile)}`
  const check = ['eunomia rules check', ...watched.rulePaths.map(printable)].join(' ')
  const besides = [
    ...(watched.rulesWaiting === 0 ? [] : [`${String(watched.rulesWaiting)} more can't fire yet`]),
    ...(watched.rulesQuarantined === 0 ? [] : [`${String(watched.rulesQuarantined)} quarantined: see ${check}`]),
  ]
  const rules = `${counted(watched.rulesActive, 'rule')}${besides.length === 0 ? '' : ` (${besides.join(', ')})`}`
  const { deadSockets } = watched
  const isDead = deadSockets.length > 0
  const containers = isDead
    ? `containers: no runtime answers at ${printable(deadSockets[0] ?? '')}${deadSockets.length > 1 ? ` or ${counted(deadSockets.length - 1, 'other socket')}` : ''}`
    : `${counted(watched.containers, 'container')} found`
  const host = `${printable(watched.hostName)} (kernel ${printable(watched.kernelRelease)})`
  return `watching ${host}: ${source}, ${rules}, ${watched.captureFile === null ? containers : 'containers as recorded'}. Ctrl-C ends.`
}

/** `collector.watch is detect: left out are opens that no rule can match, dup, pipe` */
export function watchText(watch: 'detect' | 'forensic', leftOut: readonly string[]): string {
  return `collector.watch is ${watch}: ${leftOut.length === 0 ? 'nothing is left out' : `left out are ${leftOut.join(', ')}`}`
}

/** Events, alerts, losses by kind, CPU. */
export function summaryLines({ stats, alerts, seconds, undecided }: Summary): string[] {
  const lost = Object.entries(stats.lost).map(([kind, count]) => `${String(count)} ${kind}`)
  const cpuSeconds = stats.cpuUs / 1e6
  const share = seconds > 0 ? ` (${((cpuSeconds / seconds) * 100).toFixed(1)} % of one core)` : ''
  const lines = [
    `${counted(stats.published + stats.suppressed, 'event')}, ${counted(alerts, 'alert')} in ${seconds.toFixed(1)} s`,
    `lost: ${lost.length === 0 ? 'none' : lost.join(', ')}`,
    `CPU: ${cpuSeconds.toFixed(2)} s${share}`,
  ]
  if (undecided > 0) lines.push(`${counted(undecided, 'event')} had no verdict yet when the run ended`)
  return lines
}

/** Time after a shown alert in which its repeats are only counted, milliseconds. */
export const REPEAT_WINDOW_MS = 10_000
const MAX_WINDOWS = 1000

/** Repeats of one shown alert. */
export interface Repeats {
  readonly alert: Alert
  readonly count: number
}

interface Window {
  readonly alert: Alert
  readonly endMs: number
  count: number
}

/** Decides which alerts are shown, and counts the others. Times are milliseconds of a clock that never steps. */
export class AlertRepeats {
  /** Ordered by end, because all windows have the same length. */
  readonly #windows = new Map<string, Window>()
  readonly #maxWindows: number

  constructor(maxWindows = MAX_WINDOWS) {
    this.#maxWindows = maxWindows
  }

  /** @returns true if the alert is to be shown */
  take(alert: Alert, nowMs: number): boolean {
    const key = JSON.stringify([alert.rule, alert.origin.hostName, alert.containerId, alert.process.name])
    const open = this.#windows.get(key)
    if (open !== undefined && nowMs < open.endMs) {
      open.count++
      return false
    }
    this.#windows.delete(key)
    this.#windows.set(key, { alert, endMs: nowMs + REPEAT_WINDOW_MS, count: 0 })
    return true
  }

  /** Closes windows that have ended, or exceed the bound. @returns those with repeats. Call it before `take` as well */
  ended(nowMs: number): Repeats[] {
    const repeats: Repeats[] = []
    for (const [key, window] of this.#windows) {
      if (nowMs < window.endMs && this.#windows.size <= this.#maxWindows) break
      this.#windows.delete(key)
      if (window.count > 0) repeats.push(window)
    }
    return repeats
  }
}

/**
 * A log like `log`, except that warnings with a `reason` become wrapped text.
 * @param write receives complete lines
 * @param remedy what to do, one sentence
 */
export function plainWarnings(log: Logger, write: (text: string) => void, width: number, remedy: string): Logger {
  return {
    debug: (facts, message) => log.debug(facts, message),
    info: (facts, message) => log.info(facts, message),
    warn: (facts, message) => {
      const { reason } = facts
      if (typeof reason !== 'string') log.warn(facts, message)
      else write(`${wrap(`warning: ${message} (${printable(reason)}). ${remedy}`, width).join('\n')}\n`)
    },
    error: (facts, message) => log.error(facts, message),
  }
}
