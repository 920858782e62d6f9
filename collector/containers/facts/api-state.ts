// The state of a container as the APIs of Docker and podman tell it: who its first process is, or how the last one ended.
import type { RuntimeContainer } from '../runtime.js'
import { MAX_PID } from './facts-bounds.js'
import { integerAt, isTrueAt, objectAt, textAt } from './json-fields.js'
import type { JsonObject } from './json-fields.js'

/** Reads `State` of an answer. */
export function apiState(answer: JsonObject): Pick<RuntimeContainer, 'initPid' | 'exitCode' | 'isOomKilled'> {
  const state = objectAt(answer, 'State')
  const pid = integerAt(state, 'Pid', 1, MAX_PID)
  const startedAtMs = Date.parse(textAt(state, 'StartedAt', 64))
  const hasRun = startedAtMs > 0 // year 1 stands for never
  const isRunning = isTrueAt(state, 'Running') && pid !== null
  return {
    initPid: isRunning ? pid : null,
    exitCode: isRunning || !hasRun ? null : integerAt(state, 'ExitCode', -0x80000000, 0x7fffffff),
    isOomKilled: isTrueAt(state, 'OOMKilled'),
  }
}
