// `top` with its parts: samples the host once per interval, and shows the difference between two samples.
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import type { Writable } from 'node:stream'
import { containerRuntimes } from '../../assembly/container-runtimes.js'
import { controlSocketOf } from '../../assembly/control-settings.js'
import { ACTIVITY, LEDGER } from '../../collector/control/control-answers.js'
import { ControlAnswerError, ControlRefusedError, ControlUnreachableError, readControl } from '../../collector/control/control-client.js'
import { BUDGET_COUNTERS } from '../../collector/heartbeat.js'
import type { EventActivity } from '../../collector/processes/event-counts.js'
import { messageOf } from '../../infra/process/errors.js'
import type { Part } from '../../infra/process/lifecycle.js'
import { pause } from '../../infra/waiting/clock.js'
import { runUntilEnded } from '../lifecycle.js'
import type { CommandContext } from '../settings.js'
import { widthOf } from '../terminal/terminal-text.js'
import { commandLineOf, sampleProcesses } from './proc-sample.js'
import { ProcessContainers } from './process-containers.js'
import { type Look, refusedBetween, type TopSort, topView, whyNoRates } from './top-rows.js'
import { roomForRows, topLines, topObject } from './top-text.js'

/** Flags of the command. */
export interface TopFlags {
  readonly sort: TopSort
  /** Milliseconds. */
  readonly interval: number
  readonly rows?: number
  readonly container?: string
  readonly once: boolean
  readonly json: boolean
  readonly dockerSocket?: string[]
}

const PIPE_ROWS = 20

/** Shows views until a signal, or a single view. */
export async function runTop(flags: TopFlags, { config, log }: CommandContext): Promise<void> {
  const runtimes = containerRuntimes(config.collector, log)
  try {
    await runUntilEnded(log, async (lifecycle) => {
      const top = new Top(flags, new ProcessContainers(runtimes), controlSocketOf(config))
      await lifecycle.start('top', () => Promise.resolve(top.start()))
    })
  } finally {
    for (const runtime of runtimes) runtime.close()
  }
}

class Top {
  readonly #flags: TopFlags
  readonly #containers: ProcessContainers
  readonly #socket: string
  readonly #screen = new TopScreen(process.stdout)
  readonly #stopping = new AbortController()
  /** Why there are no event rates. */
  #reason: string | null = null

  constructor(flags: TopFlags, containers: ProcessContainers, socket: string) {
    this.#flags = flags
    this.#containers = containers
    this.#socket = socket
  }

  start(): Part {
    const done = this.#follow()
    const stop = async (): Promise<void> => {
      this.#stopping.abort()
      await done
    }
    return { done, stop }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    let before = await this.#look()
    while (!signal.aborted) {
      await pause(this.#flags.interval, signal)
      if (signal.aborted) return
      const now = await this.#look()
      if (!this.#show(before, now)) await once(process.stdout, 'drain', { signal }).catch(() => undefined)
      if (this.#flags.once) return
      before = now
    }
  }

  async #look(): Promise<Look> {
    const { activity, refused, reason } = await askActivity(this.#socket)
    const activityAtMs = performance.now()
    this.#reason = reason
    const sample = sampleProcesses()
    return { sample, containers: await this.#containers.of(sample.processes.values()), activity, refused, activityAtMs }
  }

  #show(before: Look, now: Look): boolean {
    const { sort, container, json, rows } = this.#flags
    const { stdout } = process
    if (json) {
      const view = topView(before, now, { sort, container, rows: rows ?? PIPE_ROWS })
      const unknown = { events: whyNoRates(before, now, this.#reason), names: this.#containers.problem }
      return stdout.write(`${JSON.stringify(topObject(view, now, refusedBetween(before, now), unknown, commandLineOf))}\n`)
    }
    const around = {
      time: new Date(),
      processes: now.sample.processes.size,
      containers: this.#containers.count,
      cpus: availableParallelism(),
      leftOut: now.sample.leftOut,
      problems: this.#problems(before, now),
      commandLineOf,
    }
    const width = widthOf(stdout)
    const room = stdout.isTTY ? roomForRows(around, width, stdout.rows) : (rows ?? PIPE_ROWS)
    const view = topView(before, now, { sort, container, rows: Math.min(rows ?? room, room) })
    return this.#screen.draw(topLines(view, around, width))
  }

  /** For people: what is unknown, and why. */
  #problems(before: Look, now: Look): string[] {
    const problems: string[] = []
    const reason = whyNoRates(before, now, this.#reason)
    if (reason !== null) problems.push(`no event rates: ${reason}`)
    const refused = Object.entries(refusedBetween(before, now) ?? {})
    if (refused.length > 0) problems.push(`refused over a budget: ${refused.map(([kind, count]) => `${kind} ${String(count)}`).join(', ')}`)
    if (this.#containers.problem !== null) problems.push(`containers may have no names: ${this.#containers.problem}`)
    return problems
  }
}

const ESCAPE = '\u001b['
/** Names may contain wide characters, so line wrapping is disabled; otherwise the cursor could not return to the first line. */
const NO_WRAP = `${ESCAPE}?7l`
const WRAP = `${ESCAPE}?7h`

/** Draws views on a terminal. */
export class TopScreen {
  readonly #output: Writable
  readonly #isTerminal: boolean
  #drawn = 0

  constructor(output: Writable & { readonly isTTY?: boolean }) {
    this.#output = output
    this.#isTerminal = output.isTTY === true
  }

  /** Shows these lines. @returns false if the reader is slow: wait for `drain` */
  draw(lines: readonly string[]): boolean {
    const text = lines.map((line) => `${line}\n`).join('')
    if (!this.#isTerminal) {
      // An empty line between two tables.
      return this.#output.write(this.#drawn++ === 0 ? text : `\n${text}`)
    }
    const back = this.#drawn === 0 ? '' : `${ESCAPE}${String(this.#drawn)}F${ESCAPE}J`
    this.#drawn = lines.length
    return this.#output.write(`${NO_WRAP}${back}${text}${WRAP}`)
  }
}

/** The collector's answer, or the reason why there is none. */
export type ActivityAnswer =
  | { readonly activity: EventActivity; readonly refused: Readonly<Record<string, number>>; readonly reason: null }
  | { readonly activity: null; readonly refused: null; readonly reason: string }

/** Asks the collector for events by process, and those over a budget. Never rejects: an absent, refusing or different collector is a reason. */
export async function askActivity(socketPath: string): Promise<ActivityAnswer> {
  try {
    const activity = await readControl(socketPath, '/processes', ACTIVITY)
    const { counters } = await readControl(socketPath, '/ledger', LEDGER)
    const refused = Object.entries(counters).flatMap(([name, count]): [string, number][] =>
      name.startsWith(BUDGET_COUNTERS) ? [[name.slice(BUDGET_COUNTERS.length), count]] : [],
    )
    return { activity, refused: Object.fromEntries(refused), reason: null }
  } catch (error) {
    const isAnswer = [ControlUnreachableError, ControlRefusedError, ControlAnswerError].some((known) => error instanceof known)
    if (isAnswer) return { activity: null, refused: null, reason: messageOf(error) }
    throw error
  }
}
