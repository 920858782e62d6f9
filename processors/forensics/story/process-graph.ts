// The processes of one boot that belong to the story of an alert: its own process, its ancestors, its siblings and all their descendants. A process
// is known by pid and start, so a pid that is used again is another one. Bounded: what finds no room is counted.
import type { Alert, Ancestor, Origin, Process, ProcessEvent } from '../../../schemas/generated/types.js'
import { type DetailRoom, ProcessActivity, boundedText } from './process-activity.js'

/** Processes of a story, at most; and things that they touched. */
export const MAX_PROCESSES = 50_000
const MAX_DETAILS = 200_000
const MAX_PROGRAMS = 32
const MAX_OUTSIDE = 100_000
/** Ancestors of an event that are looked at; collectors send fewer. */
const MAX_LINEAGE = 64
/** Parents of half of the host: their children are no siblings of interest. */
const INIT_PIDS: readonly number[] = [0, 1, 2]

/** What a process ran, from an exec or a fork on. */
export interface Program {
  /** Unix time, microseconds, of the first event with it; of an exec the exec itself. */
  atUs: number
  readonly execCount: number
  readonly exePath: string | null
  readonly args: string
  readonly user: string
  readonly cwd: string | null
  readonly containerId: string | null
}

/** A process of the story. */
export interface ProcessNode {
  readonly pid: number
  /** Microseconds since boot. */
  readonly startBootUs: number
  /** As its latest event names it; as lineages do, while none has come. */
  name: string
  exePath: string | null
  args: string | null
  /** Boot time of its latest event; -1 before the first. */
  seenUs: number
  readonly programs: Map<number, Program>
  programsBeyond: number
  /** Highest exec count of a program that was forgotten; -1 for none. */
  forgottenTo: number
  /** Its fork was seen. */
  isStartSeen: boolean
  end: { readonly atUs: number; readonly exitCode: number | null; readonly exitSignal: number | null } | null
  parent: ProcessNode | null
  /** Boot time of the event that named the parent: the first one wins, since a process whose parent ends gets another. */
  parentSeenUs: number
  readonly children: Set<ProcessNode>
  readonly activity: ProcessActivity
  /** Alerts of its events. */
  readonly alerts: NodeAlert[]
}

/** What a story keeps of an alert. */
export interface NodeAlert {
  readonly alertId: string
  readonly rule: string
  readonly priority: string
  readonly atUs: number
}

type Identity = Pick<Ancestor, 'pid' | 'startBootUs'>

/** Collects the processes. */
export class ProcessGraph {
  readonly focus: ProcessNode
  readonly #nodes = new Map<string, ProcessNode>()
  /** Keys of the root of the scope and of what descends from it. */
  readonly #inScope = new Set<string>()
  /** Others: their ancestors are not looked at again. */
  readonly #outside = new Set<string>()
  readonly #room: DetailRoom = { left: MAX_DETAILS }
  /** Events of processes that belong to the story but found no room. */
  beyond = 0

  constructor({ process, origin }: Alert) {
    const [parent] = process.ancestors
    this.#inScope.add(keyOf(parent === undefined || INIT_PIDS.includes(parent.pid) ? process : parent))
    this.focus = this.#observe(process, origin.bootTimeUs, origin.wallTimeUs)
  }

  get size(): number {
    return this.#nodes.size
  }

  /** The process of an event, with what the event says of it; null if it does not belong to the story or finds no room. */
  observe(process: Process, { bootTimeUs, wallTimeUs }: Origin): ProcessNode | null {
    const key = keyOf(process)
    if (this.#outside.has(key)) return null
    const isIn = this.#nodes.has(key) || this.#inScope.has(key) || process.ancestors.some((one) => this.#inScope.has(keyOf(one)))
    if (!isIn) {
      if (this.#outside.size >= MAX_OUTSIDE) this.#outside.clear()
      this.#outside.add(key)
      return null
    }
    if (this.#nodes.size >= MAX_PROCESSES && !this.#nodes.has(key)) {
      this.beyond++
      return null
    }
    return this.#observe(process, bootTimeUs, wallTimeUs)
  }

  /** Processes with alerts, in order of the first. */
  readonly withAlerts = new Set<ProcessNode>()
  /** Containers of all its processes. */
  readonly containerIds = new Set<string>()

  alert(node: ProcessNode, { alertId, rule, priority, origin }: Alert): void {
    node.alerts.push({ alertId: boundedText(alertId), rule: boundedText(rule), priority, atUs: origin.wallTimeUs })
    this.withAlerts.add(node)
  }

  /** A fork, exec or exit, in addition. */
  life(node: ProcessNode, event: ProcessEvent): void {
    const { type, process, result, origin, exitCode, exitSignal } = event
    if (type === 'exec' && result < 0) node.activity.refusedExec(event)
    if (type === 'fork') node.isStartSeen = true
    if (type === 'exit') node.end = { atUs: origin.wallTimeUs, exitCode, exitSignal }
    const program = node.programs.get(process.execCount)
    if (type === 'exec' && result >= 0 && program !== undefined) program.atUs = origin.wallTimeUs
  }

  #observe(process: Process, bootTimeUs: number, wallTimeUs: number): ProcessNode {
    const node = this.#node(process)
    if (bootTimeUs >= node.seenUs) {
      node.name = boundedText(process.name)
      node.exePath = process.exePath === null ? null : boundedText(process.exePath)
      node.seenUs = bootTimeUs
    }
    remember(node, process, wallTimeUs)
    if (process.containerId !== null) this.containerIds.add(process.containerId)
    this.#lineage(node, process, bootTimeUs)
    return node
  }

  #lineage(of: ProcessNode, process: Process, bootTimeUs: number): void {
    const ancestors = process.ancestors.slice(0, MAX_LINEAGE)
    const lineage = [process, ...ancestors].map(keyOf)
    const scopeAt = lineage.findIndex((key) => this.#inScope.has(key))
    for (const key of lineage.slice(0, Math.max(0, scopeAt))) this.#inScope.add(key)
    let child = of
    for (const [index, ancestor] of ancestors.entries()) {
      if (this.#nodes.size >= MAX_PROCESSES && !this.#nodes.has(keyOf(ancestor))) {
        this.beyond++
        return
      }
      const node = this.#node(ancestor)
      if (node.name === '') node.name = boundedText(ancestor.name)
      if (ancestor.exePath !== null) node.exePath ??= boundedText(ancestor.exePath)
      if (index === 0 && process.parentArgs.length > 0) node.args ??= boundedText(process.parentArgs.join(' '))
      link(child, node, bootTimeUs)
      child = node
    }
  }

  #node(identity: Identity): ProcessNode {
    const key = keyOf(identity)
    let node = this.#nodes.get(key)
    if (node === undefined) {
      node = {
        pid: identity.pid,
        startBootUs: identity.startBootUs,
        name: '',
        exePath: null,
        args: null,
        seenUs: -1,
        programs: new Map(),
        programsBeyond: 0,
        forgottenTo: -1,
        isStartSeen: false,
        end: null,
        parent: null,
        parentSeenUs: Infinity,
        children: new Set(),
        activity: new ProcessActivity(this.#room),
        alerts: [],
      }
      this.#nodes.set(key, node)
    }
    return node
  }
}

/** The first program and the latest ones: those between are only counted. */
function remember(node: ProcessNode, process: Process, wallTimeUs: number): void {
  const { programs } = node
  const { execCount } = process
  const known = programs.get(execCount)
  if (known !== undefined) {
    known.atUs = Math.min(known.atUs, wallTimeUs)
    return
  }
  if (execCount <= node.forgottenTo && execCount > Math.min(...programs.keys())) return
  programs.set(execCount, programOf(process, wallTimeUs))
  if (programs.size <= MAX_PROGRAMS) return
  const [, second = execCount] = [...programs.keys()].sort((a, b) => a - b)
  programs.delete(second)
  node.forgottenTo = Math.max(node.forgottenTo, second)
  node.programsBeyond++
}

/** A parent is not younger than its child, whatever an event claims: so no process is its own ancestor. */
function link(child: ProcessNode, parent: ProcessNode, bootTimeUs: number): void {
  const isOlder = parent.startBootUs < child.startBootUs || (parent.startBootUs === child.startBootUs && parent.pid < child.pid)
  if (!isOlder || bootTimeUs >= child.parentSeenUs) return
  child.parent?.children.delete(child)
  child.parent = parent
  child.parentSeenUs = bootTimeUs
  parent.children.add(child)
}

function keyOf({ pid, startBootUs }: Identity): string {
  return `${String(pid)}/${String(startBootUs)}`
}

function programOf(process: Process, atUs: number): Program {
  const { execCount, exePath, args, cwd, containerId, uid, euid } = process
  const user = process.user === null ? String(uid) : boundedText(process.user)
  return {
    atUs,
    execCount,
    exePath: exePath === null ? null : boundedText(exePath),
    args: boundedText(args.length === 0 ? process.name : args.join(' ')),
    user: `${user}${euid === uid ? '' : ` (effective ${String(euid)})`}`,
    cwd: cwd === null ? null : boundedText(cwd),
    containerId,
  }
}
