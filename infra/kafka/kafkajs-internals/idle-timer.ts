// kafkajs re-arms a 1 ms timer on every connection for ever after its first answer (its issue 1768): 1.5 % of a core for doing nothing.
// The timer is needed only while requests wait; here it is armed only then.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const MENDED = Symbol('eunomia: the timer is armed only when needed')

/** Mends kafkajs in this process. Doing it again changes nothing. */
export function mendIdleTimer(): void {
  const prototype = RequestQueue.prototype as RequestQueue & { [MENDED]?: true }
  if (prototype[MENDED] === true) return
  prototype[MENDED] = true
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
}
