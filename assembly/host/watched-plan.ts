// A plan in a file, followed when it changes: what it asks for is watched. A file that is no plan leaves the one before in force.
import type { Part } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { messageOf } from '../../infra/process/errors.js'
import { readWatchPlan, type PlannedWatches } from '../../infra/watch-plan/watch-plan-file.js'
import { FileWatch, type FileWatchConfig } from '../../infra/waiting/file-watch.js'
import { applyPlan, type Watching } from './watching.js'

/** @throws WatchPlanError when the file is no plan at the start */
export function startWatchedPlan(path: string, watching: Watching, log: Logger, patience: Omit<FileWatchConfig, 'paths'> = {}): Part {
  let seen = JSON.stringify(followed(path, watching, log))
  let failure: string | null = null
  const watch = new FileWatch({ ...patience, paths: [path] }, () => {
    try {
      const plan = readWatchPlan(path)
      failure = null
      const text = JSON.stringify(plan)
      if (text === seen) return
      applyPlan(plan, watching, log)
      seen = text
    } catch (error) {
      // The same mistake is told once.
      if (failure !== messageOf(error)) log.error({ err: error }, 'the new watch plan is not used, the one before stays in force')
      failure = messageOf(error)
    }
  })
  return watch
}

function followed(path: string, watching: Watching, log: Logger): PlannedWatches {
  const plan = readWatchPlan(path)
  applyPlan(plan, watching, log)
  return plan
}
