// `run` with all its parts: source, memory log, functions, host, view. Only here do collector and functions share one memory log.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { runtimeSocketsOf } from '../../assembly/container-runtimes.js'
import { startControl } from '../../assembly/control.js'
import { startEmbeddedFunctions } from '../../assembly/embedded.js'
import { eventScreen } from '../../assembly/event-screen.js'
import { type Host, startHost } from '../../assembly/host.js'
import { leavePrivileges } from '../../assembly/least-privilege.js'
import { untilRead } from '../../assembly/log-read.js'
import { addCollectorMetrics, startMetrics } from '../../assembly/metrics.js'
import { sinkOfUrl, startRunSink } from '../../assembly/run-sink.js'
import { startRules } from '../../assembly/rules.js'
import { startServiceWatch } from '../../assembly/service-watch.js'
import { type OpenedSource, openSource, PACE_OF_ALERTS } from '../../assembly/source.js'
import { type Watching, applyPlan, leftOutBy, openWatching } from '../../assembly/watching.js'
import type { Collector } from '../../collector/collector-options.js'
import type { Lifecycle } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import type { Metrics } from '../../infra/process/metrics.js'
import { type StateFolder, defaultStateFolder, openStateFolder } from '../../infra/process/state-folder.js'
import { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import type { RecordBatch, TopicConsumer, TopicLog } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { PendingSettings } from '../../processors/functions/detect/detect-run.js'
import { RULE_TOPICS } from '../../processors/rule-engine/fields/rule-event.js'
import type { WatchedRules } from '../../processors/rule-engine/load/watched-rules.js'
import { planFor } from '../../processors/rule-engine/plan/plan-watches.js'
import type { CorrelatorPart } from '../../processors/runtime/start-correlator.js'
import { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { runUntilEnded } from '../lifecycle.js'
import type { CommandContext } from '../settings.js'
import { widthOf } from '../terminal/terminal-text.js'
import { LiveView, plainWarnings, watchText } from './live-view.js'
import type { RunFlags } from './run-flags.js'

/** How long the end of a run waits for an event to be evaluated; events that wait for facts have their own deadline. */
const EVALUATE_MS = 5000
/** How long it waits in all. */
const EVALUATE_MOST_MS = 120_000
/** How long a run with --exit-after-alert waits for the alert of its own act before any other is enough. */
const ACT_MS = 60_000
/** Longest wait for facts while no container runtime answers. */
const AWAY_DEADLINE_MS = 3000
const RUNTIME_REMEDY = 'Start Docker or another runtime, or give its socket with --docker-socket PATH or the settings collector.*Sockets.'

/** Runs until a signal, the end of a given capture, or, with --exit-after-alert, the first alert. */
export async function runHost(flags: RunFlags, context: CommandContext): Promise<void> {
  const { config, log } = context
  const view = new LiveView(process.stdout, flags.json)
  const state = await openStateFolder(config.stateFolder ?? defaultStateFolder())
  const enough = new AbortController()
  const started: { run?: HostRun } = {}
  const start = async (lifecycle: Lifecycle): Promise<void> => {
    const { metrics, url } = await startMetrics(config.metrics, log, lifecycle, 'later')
    if (url !== null) view.say(`metrics: ${url}`)
    // Before the probes: until they have their plan, every open of a file fills the ring.
    const rules = await startRules(config.rules, log, metrics, lifecycle)
    const opened = openSource(config.collector, flags.capture, true, null, PACE_OF_ALERTS)
    if (opened.whyNotLive !== null) {
      view.say(`no live probes: ${opened.whyNotLive}`)
      view.say(`replaying the capture ${opened.captureFile ?? ''} instead`)
      if (flags.json) log.warn({ capture: opened.captureFile, reason: opened.whyNotLive }, 'no live probes, replaying the shipped capture')
    }
    started.run = new HostRun({ flags, context, view, opened, state, rules, metrics, enough })
    await started.run.start(lifecycle)
  }
  try {
    await runUntilEnded(log, start, enough.signal, EVALUATE_MOST_MS)
  } finally {
    started.run?.showSummary()
  }
}

/** What a run is made of. */
interface HostRunParts {
  readonly flags: RunFlags
  readonly context: CommandContext
  readonly view: LiveView
  readonly opened: OpenedSource
  readonly state: StateFolder
  readonly rules: WatchedRules
  readonly metrics: Metrics
  /** Ends it. */
  readonly enough: AbortController
}

/** One run, from its start to its summary. */
class HostRun {
  readonly #enough: AbortController
  readonly #flags: RunFlags
  readonly #context: CommandContext
  readonly #view: LiveView
  readonly #opened: OpenedSource
  readonly #state: StateFolder
  readonly #rules: WatchedRules
  readonly #metrics: Metrics
  readonly #topicLog = new MemoryLog()
  readonly #startedMs = performance.now()
  #host: Host | null = null
  #alerts = 0
  /** Of the act of --demo. */
  #demoPid: number | undefined
  #isActAwaited: boolean
  #isEnding = false

  constructor({ flags, context, view, opened, state, rules, metrics, enough }: HostRunParts) {
    this.#flags = flags
    this.#context = context
    this.#view = view
    this.#opened = opened
    this.#state = state
    this.#rules = rules
    this.#metrics = metrics
    this.#enough = enough
    // An act of our own must be seen: any other alert may come from anything on this host.
    this.#isActAwaited = flags.demo && opened.captureFile === null
  }

  /** Starts everything; after a failure, the lifecycle stops what was started. */
  async start(lifecycle: Lifecycle): Promise<void> {
    const { config, log } = this.#context
    const { source } = this.#opened
    lifecycle.onStop('source', () => Promise.resolve(source.close()))
    const codec = new Codec()
    const metrics = this.#metrics
    const rules = this.#rules
    // Before privileges are dropped: its file may be in a folder of root.
    if (this.#flags.sink !== undefined) {
      const settings = await sinkOfUrl(this.#flags.sink)
      await startRunSink(settings, { topicLog: this.#topicLog, codec, log, metrics }, lifecycle)
    }
    addCollectorMetrics(metrics, () => this.#host?.collector.figures() ?? null)
    const watching = await this.#startControl(lifecycle)
    const isLive = this.#opened.captureFile === null
    leavePrivileges(config.collector, { isLive, folders: [this.#state.path], startsPrograms: this.#flags.demo && isLive }, log)
    await lifecycle.start('view', () => startAlertFeed(this.#topicLog, codec, log, (alert) => this.#showAlert(alert)))
    const { nearCacheEntries } = config.detect
    const functionDeps = { topicLog: this.#topicLog, codec, rules, log, metrics, nearCacheEntries, pending: this.#pending() }
    const { correlating, screen } = await startEmbeddedFunctions(functionDeps, lifecycle)
    // Stops before the functions, so that all collected events are still evaluated.
    lifecycle.onStop('evaluation', () => this.#evaluateRest(correlating))
    const { hostId } = this.#state
    const hostDeps = {
      source,
      watching,
      captureFile: this.#opened.captureFile,
      recorded: this.#opened.recorded,
      topicLog: this.#topicLog,
      codec,
      hostId,
      // Nothing else reads the log of this process.
      screen: eventScreen(screen, { hostId, bootId: source.facts.bootId }),
      log,
      runtimeLog: this.#runtimeLog(),
      endOf: (collector: Collector) => this.#endOf(collector),
    }
    const host = await startHost(config.collector, hostDeps, lifecycle)
    this.#host = host
    startServiceWatch({ source, log }, lifecycle)
    log.info({ host: source.facts.hostName, probes: source.probes.filter(({ isAttached }) => isAttached).length }, 'watching')
    this.#view.watched({
      ...source.facts,
      probes: source.probes,
      captureFile: this.#opened.captureFile,
      rulesActive: rules.ruleSet.activeRules.length + rules.ruleSet.activeCorrelations.length,
      rulesWaiting: rules.ruleSet.waitingRules.length + rules.ruleSet.waitingCorrelations.length,
      rulesQuarantined: rules.ruleSet.quarantined.length,
      rulePaths: this.#flags.rules ?? [],
      containers: host.tracker.counters().containers,
      deadSockets: host.tracker.isRuntimeAway ? runtimeSocketsOf(config.collector) : [],
    })
    if (isLive) this.#view.say(watchText(config.collector.watch === 'forensic' ? 'forensic' : 'detect', leftOutBy(watching)))
    if (this.#flags.demo && this.#opened.captureFile === null) await this.#demo()
  }

  /** The control API; unless everything is watched, the watch plan follows the rules. */
  async #startControl(lifecycle: Lifecycle): Promise<Watching> {
    const { config, log } = this.#context
    const rules = this.#rules
    const watching = openWatching(this.#opened.source, config.collector, log)
    if (config.collector.watch === 'forensic') log.info({ watch: 'forensic', leftOut: [] }, 'everything is watched')
    else {
      applyPlan(planFor(rules.ruleSet), watching, log)
      rules.onChange((ruleSet) => applyPlan(planFor(ruleSet), watching, log))
    }
    await startControl(
      config,
      {
        ...watching,
        usage: null,
        metrics: this.#metrics,
        figures: () => this.#host?.collector.figures() ?? null,
        activity: () => this.#host?.collector.activity() ?? null,
      },
      log,
      lifecycle,
    )
    return watching
  }

  showSummary(): void {
    const { collector } = this.#host ?? {}
    if (collector === undefined) return
    const seconds = (performance.now() - this.#startedMs) / 1000
    const stats = collector.stats()
    const undecided = undecidedEvents(this.#topicLog)
    this.#view.summary({ stats, alerts: this.#alerts, seconds, undecided })
    if (!this.#flags.json) return
    const { published, suppressed, lost } = stats
    const isWhole = Object.keys(lost).length === 0 && undecided === 0
    this.#context.log[isWhole ? 'info' : 'warn']({ published, suppressed, alerts: this.#alerts, lost, undecided }, 'the run has ended')
  }

  #showAlert(alert: Parameters<LiveView['alert']>[0]): void {
    if (this.#enough.signal.aborted) return
    this.#alerts++
    this.#view.alert(alert, this.#host?.tracker.isRuntimeAway === true)
    if (this.#flags.exitAfterAlert && (!this.#isActAwaited || alert.process.pid === this.#demoPid)) this.#enough.abort()
  }

  /** How long events wait for facts: shorter while no runtime answers, and not at all when the run ends. */
  #pending(): Pick<PendingSettings, 'deadlineMs' | 'isEnding'> {
    const { factsDeadlineMs } = this.#context.config.detect
    const isAway = (): boolean => this.#host?.tracker.isRuntimeAway === true
    const isEnding = (): boolean => this.#isEnding
    return {
      get deadlineMs() {
        return isAway() ? Math.min(factsDeadlineMs, AWAY_DEADLINE_MS) : factsDeadlineMs
      },
      get isEnding() {
        return isEnding()
      },
    }
  }

  /** Evaluates the remaining events: first with the facts that arrived, then those that still wait without them. */
  async #evaluateRest(correlating: CorrelatorPart): Promise<void> {
    await untilRead(this.#topicLog, ['container', ...RULE_TOPICS], EVALUATE_MS)
    this.#isEnding = true
    await untilRead(this.#topicLog, READ, EVALUATE_MS)
    await correlating.finish()
    await untilRead(this.#topicLog, READ, EVALUATE_MS)
  }

  /** On a terminal, the outage of a runtime is a sentence; a log for programs is unchanged. */
  #runtimeLog(): Logger {
    const { log, config } = this.#context
    const { stderr } = process
    if (!stderr.isTTY || this.#flags.json || config.logLevel === 'error') return log
    return plainWarnings(log, (text) => void stderr.write(text), widthOf(stderr), RUNTIME_REMEDY)
  }

  /** Resolves when the child has ended, whatever its status. */
  async #demo(): Promise<void> {
    this.#view.say(DEMO_TEXT)
    const child = spawn('cat', ['/etc/shadow'], { stdio: 'ignore' })
    this.#demoPid = child.pid
    await Promise.race([once(child, 'close'), once(child, 'error')])
    if (!this.#flags.exitAfterAlert) return
    const giveUp = (): void => {
      this.#context.log.warn({ pid: child.pid }, 'the act of the demo raised no alert: any alert ends the run')
      this.#isActAwaited = false
      if (this.#alerts > 0) this.#enough.abort()
    }
    setTimeout(giveUp, ACT_MS).unref()
  }

  /**
   * A given capture ends the run once it is evaluated. The shipped capture, which replaces live probes, leaves its alerts on the screen until Ctrl-C.
   */
  async #endOf(collector: Collector): Promise<void> {
    await collector.done
    if (this.#opened.captureFile === null) return
    await untilRead(this.#topicLog, READ, EVALUATE_MS + this.#context.config.detect.factsDeadlineMs)
    if (this.#flags.capture !== undefined) return
    this.#view.say('the capture has ended. Ctrl-C ends.')
    await new Promise<never>(() => undefined)
  }
}

/** Topics in the order in which an event passes them; nothing reads host records here. */
const READ: readonly TopicKey[] = ['container', ...RULE_TOPICS, 'pending', 'alerts', 'deadletter']

/** Number of events that were not evaluated, or still wait for facts. */
function undecidedEvents(topicLog: MemoryLog): number {
  const left = [...RULE_TOPICS, 'pending' as const].map((key) => topicLog.topic(key))
  return left.reduce((sum, { nextOffset, finishedOffset }) => sum + nextOffset - finishedOffset, 0)
}

/** Follows alerts from the oldest one; logs each dead letter as a warning. */
export async function startAlertFeed(
  topicLog: TopicLog,
  codec: Codec,
  log: Logger,
  onAlert: (alert: Alert) => void,
): Promise<TopicConsumer> {
  const take = (batch: RecordBatch): void => {
    if (batch.topic === 'alerts') onAlert(codec.decode('alerts', batch.valueBytes, batch.valueStart, batch.valueEnd))
    else
      log.warn(
        { ...codec.decode('deadletter', batch.valueBytes, batch.valueStart, batch.valueEnd), value: undefined },
        'record became a dead letter',
      )
  }
  return await topicLog.consume({
    group: 'eunomia.run.view',
    topics: ['alerts', 'deadletter'],
    from: 'earliest',
    handler: (batch) => {
      while (batch.next()) take(batch)
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
}

/** Printed before the demo act. */
const DEMO_TEXT = 'demo: reading /etc/shadow with cat and discarding it, so that an alert appears'
