// The progress of a hunt on standard error: a bar on a terminal, a line of JSON every few seconds elsewhere.
import type { HuntProgress } from '../../processors/forensics/hunt/run-plan.js'

/** Where it is shown. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR_WIDTH = 24
const BAR_EVERY_MS = 100
const LINE_EVERY_MS = 5_000

/** Shows it. */
export class ProgressLine {
  readonly #stream: ProgressStream
  readonly #nowMs: () => number
  #shownMs = -Infinity
  #hasBar = false

  constructor(stream: ProgressStream, nowMs = (): number => performance.now()) {
    this.#stream = stream
    this.#nowMs = nowMs
  }

  show(progress: HuntProgress): void {
    const isTerminal = this.#stream.isTTY === true
    const isLast = progress.slicesEnded === progress.slices
    if (!isLast && this.#nowMs() - this.#shownMs < (isTerminal ? BAR_EVERY_MS : LINE_EVERY_MS)) return
    this.#shownMs = this.#nowMs()
    const perSecond = Math.round(progress.records / Math.max(progress.elapsedMs / 1_000, 0.001))
    const leftSeconds = perSecond === 0 ? null : Math.round((progress.recordsOfAll - progress.records) / perSecond)
    if (!isTerminal) {
      const { slices, slicesEnded, records, recordsOfAll, alerts } = progress
      this.#stream.write(`${JSON.stringify({ slices, slicesEnded, records, recordsOfAll, alerts, perSecond, leftSeconds })}\n`)
      return
    }
    this.#hasBar = true
    const share = progress.recordsOfAll === 0 ? 1 : progress.records / progress.recordsOfAll
    const full = Math.round(share * BAR_WIDTH)
    const bar = `${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}`
    const left = leftSeconds === null ? '' : `, ${String(leftSeconds)} s left`
    const text = `[${bar}] ${(share * 100).toFixed(0)} %  ${perSecond.toLocaleString('en')} records/s${left}, ${String(progress.alerts)} alerts`
    this.#stream.write(`\r${text.slice(0, (this.#stream.columns ?? 120) - 1)}\u001b[K`)
  }

  /** Removes the bar. */
  end(): void {
    if (this.#hasBar) this.#stream.write('\r\u001b[K')
    this.#hasBar = false
  }
}
