// The event stream of a runtime that speaks HTTP: JSON lines for as long as the daemon lives, opened again when it ends.
import type { ConnectionReport } from '../stream/connection-report.js'
import type { JsonObject } from '../facts/json-fields.js'
import { followReported } from '../stream/follow-reported.js'
import type { RuntimeEvent, RuntimeEvents } from '../runtime.js'
import type { HttpRuntimeConfig } from './http-config.js'
import { jsonLines } from './json-lines.js'
import type { RuntimeHttp } from './runtime-http.js'

/** What is followed, and who is told. */
export interface HttpEventsOptions {
  readonly path: string
  /** Events of one line, often none. The next line waits for it, so that the order stays. */
  readonly parse: (event: JsonObject, signal: AbortSignal) => readonly RuntimeEvent[] | Promise<readonly RuntimeEvent[]>
  readonly report: ConnectionReport
  readonly counters: { badEventLines: number; disconnects: number }
  readonly listener: (event: RuntimeEvent) => void
}

/** Follows the stream until `stop`. */
export function followHttpEvents(api: RuntimeHttp, config: HttpRuntimeConfig, options: HttpEventsOptions): RuntimeEvents {
  const { path, parse, report, counters, listener } = options
  return followReported(config, { report, counters, listener }, async (opened, signal) => {
    const stream = await api.stream(path, signal)
    opened()
    for await (const line of jsonLines(stream, config.maxLineBytes, () => counters.badEventLines++)) {
      for (const event of await parse(line, signal)) listener(event)
    }
  })
}
