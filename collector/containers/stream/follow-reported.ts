// An event stream that is kept open, with what is logged and counted of its connection.
import type { RuntimeEvent, RuntimeEvents } from '../runtime.js'
import type { ConnectionReport } from './connection-report.js'
import { followStream } from './follow-stream.js'
import type { FollowConfig, ReadStream } from './follow-stream.js'

/** Who is told of a stream. */
export interface FollowReported {
  readonly report: ConnectionReport
  readonly counters: { disconnects: number }
  readonly listener: (event: RuntimeEvent) => void
}

/** Follows the stream until `stop`. */
export function followReported(config: FollowConfig, { report, counters, listener }: FollowReported, read: ReadStream): RuntimeEvents {
  const told = {
    onEvent(event: RuntimeEvent): void {
      if (event.type === 'connected') report.there()
      listener(event)
    },
    onUnreachable(error: unknown): void {
      report.away(error)
      counters.disconnects = report.disconnects
      listener({ type: 'disconnected' })
    },
  }
  return followStream(config, told, read)
}
