// What is logged and counted of the connection to one runtime: an outage once, a return once. A socket that was never there is no outage.
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import type { ContainerRuntime } from '../runtime.js'
import { isAbsence } from '../runtime-errors.js'

/** The report. */
export class ConnectionReport {
  /** Times the event stream ended or did not open. */
  disconnects = 0
  private readonly runtime: ContainerRuntime['name']
  private readonly socketPath: string
  private readonly log: Logger
  private isReported = false
  private wasThere = false

  constructor(runtime: ContainerRuntime['name'], socketPath: string, log: Logger) {
    this.runtime = runtime
    this.socketPath = socketPath
    this.log = log
  }

  /** The stream ended or did not open. */
  away(error: unknown): void {
    this.disconnects++
    if (this.isReported || (!this.wasThere && isAbsence(error))) return
    this.isReported = true
    this.log.warn(
      { runtime: this.runtime, socketPath: this.socketPath, reason: messageOf(error) },
      'containers have no names and images: their runtime does not answer; trying on',
    )
  }

  /** The stream is open. */
  there(): void {
    this.log.info({ runtime: this.runtime, socketPath: this.socketPath }, 'container runtime connected')
    this.isReported = false
    this.wasThere = true
  }
}
