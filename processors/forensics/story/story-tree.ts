// The processes of a story as a tree that people can read: equal siblings are one entry with their number, and what finds no place is counted.
// A fork bomb of thousands of processes is a few entries.
import type { Alert } from '../../../schemas/generated/types.js'
import type { ProcessGraph, ProcessNode, Program } from './process-graph.js'
import { boundedText, type Sort, type Touched, mergedTouched } from './process-activity.js'

/** Bounds of a tree. */
const MAX_ENTRIES = 600
const MAX_CHILDREN = 60
const MAX_DEPTH = 48
const MAX_THINGS = 20
const MAX_PROGRAMS = 8
const MAX_ALERTS = 10
/** Processes with alerts that are entries of their own; the others may be joined with their siblings. */
const MAX_SEPARATE = 100
const MAX_PIDS = 8
/** Length of the JSON of a tree, about: from then on, entries are brief. */
const MAX_JSON = 6 << 20
const BRIEF_TEXT = 100
const BRIEF_ITEMS = 3

/** What an entry is to the process of the alert. */
export type Relation = 'ancestor' | 'alert' | 'sibling' | 'descendant' | 'relative'

/** A list that was cut. */
export interface Cut<Item> {
  readonly items: readonly Item[]
  /** Of those that are missing: items, and events whose item found no room. */
  readonly more: number
}

/** Alerts of one rule. */
export interface RuleAlerts {
  readonly rule: string
  readonly priority: string
  readonly count: number
  readonly firstUs: number
  readonly alertId: string
}

/** A process, or several equal ones with the same parent. */
export interface StoryEntry {
  readonly relation: Relation
  /** How many processes it stands for; 1 for most. */
  readonly count: number
  /** The first of them. */
  readonly pids: readonly number[]
  /** Start of the first, microseconds since boot: with the pid, which process it is. */
  readonly startBootUs: number
  readonly name: string
  readonly exePath: string | null
  readonly args: string | null
  readonly user: string | null
  readonly containerId: string | null
  /** Unix time, microseconds: of the start of the first and of the end of the last; null when they were not in the window. */
  readonly startUs: number | null
  readonly endUs: number | null
  readonly exitCode: number | null
  readonly exitSignal: number | null
  /** What it ran before, in order; the last program is in args. */
  readonly programs: Cut<Program>
  readonly touched: Readonly<Record<Sort, Cut<Touched>>>
  readonly alerts: Cut<RuleAlerts>
  readonly children: StoryEntry[]
  /** Processes below it that are no entries, and their alerts. */
  cutProcesses: number
  cutAlerts: number
}

/** The tree. */
export interface StoryTree {
  readonly root: StoryEntry
  /** Processes in the story; entries in the tree; processes that share an entry with another; processes without one. */
  readonly processes: number
  readonly entries: number
  readonly joined: number
  readonly cut: number
  /** Alerts of processes without an entry. */
  readonly cutAlerts: number
  /** Entries with short texts and lists, because the others have so much. */
  readonly brief: number
}

interface Group {
  readonly nodes: readonly ProcessNode[]
  readonly entry: StoryEntry
  readonly depth: number
}

/** Equal siblings that are not placed yet. */
interface Candidates {
  readonly nodes: readonly ProcessNode[]
  /** They lead to an alert. */
  readonly isSeparate: boolean
  readonly weight: number
  readonly startBootUs: number
}

/** Makes the tree, from the oldest known ancestor. @param bootWallUs Unix time of the boot, microseconds */
export function storyTree(graph: ProcessGraph, alert: Alert, bootWallUs: number): StoryTree {
  const { focus } = graph
  const path = [...ancestorsOf(focus)].slice(0, MAX_DEPTH)
  const separate = separateNodes([focus, ...path], graph)
  const entryOf = (nodes: readonly ProcessNode[]): StoryEntry =>
    makeEntry(nodes, relationOf(nodes[0] ?? focus, focus, path), alert, bootWallUs)
  const top = path.at(-1) ?? focus
  const root: Group = { nodes: [top], entry: entryOf([top]), depth: 0 }
  let [entries, joined, cutAlerts, brief] = [1, 0, 0, 0]
  let room = MAX_JSON
  // What leads to an alert is placed first: it has a place in any case.
  const queues: [Group[], Group[]] = [[root], []]
  for (let group = queues[0].shift() ?? queues[1].shift(); group !== undefined; group = queues[0].shift() ?? queues[1].shift()) {
    const placed: Group[] = []
    for (const [index, { nodes, isSeparate }] of candidatesOf(group.nodes, separate).entries()) {
      const isFull = index >= MAX_CHILDREN || entries >= MAX_ENTRIES || group.depth >= MAX_DEPTH
      if ((isFull && !isSeparate) || group.depth >= 2 * MAX_DEPTH) {
        const lost = countBelow(nodes)
        group.entry.cutProcesses += lost.processes
        group.entry.cutAlerts += lost.alerts
        cutAlerts += lost.alerts
        continue
      }
      entries++
      joined += nodes.length - 1
      const whole = entryOf(nodes)
      const isBrief = room <= 0
      if (isBrief) brief++
      const entry = isBrief ? briefEntry(whole) : whole
      room -= JSON.stringify(entry).length
      const child = { nodes, entry, depth: group.depth + 1 }
      placed.push(child)
      queues[isSeparate ? 0 : 1].push(child)
    }
    placed.sort((a, b) => a.entry.startBootUs - b.entry.startBootUs)
    group.entry.children.push(...placed.map(({ entry }) => entry))
  }
  // Those above the oldest ancestor that is shown are cut too.
  return { root: root.entry, processes: graph.size, entries, joined, cut: graph.size - entries - joined, cutAlerts, brief }
}

function* ancestorsOf(node: ProcessNode): Generator<ProcessNode> {
  for (let at = node.parent; at !== null; at = at.parent) yield at
}

/** Those that are entries of their own: what leads to the process of the alert and to other processes with alerts. */
function separateNodes(path: readonly ProcessNode[], graph: ProcessGraph): ReadonlySet<ProcessNode> {
  const separate = new Set(path)
  for (const node of [...graph.withAlerts].slice(0, MAX_SEPARATE)) {
    const way = [node, ...ancestorsOf(node)].slice(0, MAX_DEPTH)
    for (const one of way) separate.add(one)
  }
  return separate
}

function relationOf(node: ProcessNode, focus: ProcessNode, path: readonly ProcessNode[]): Relation {
  if (node === focus) return 'alert'
  if (path.includes(node)) return 'ancestor'
  if (node.parent === focus.parent) return 'sibling'
  for (const ancestor of ancestorsOf(node)) if (ancestor === focus) return 'descendant'
  return 'relative'
}

/** Children of the processes; equal ones together. */
function groupsOf(parents: readonly ProcessNode[], separate: ReadonlySet<ProcessNode>): Map<string, ProcessNode[]> {
  const groups = new Map<string, ProcessNode[]>()
  for (const child of parents.flatMap((parent) => [...parent.children])) {
    const last = lastProgram(child)
    const what = [
      child.name,
      child.exePath,
      last?.args ?? child.args,
      last?.user,
      last?.containerId,
      child.end?.exitCode,
      child.end?.exitSignal,
    ]
    const key = separate.has(child) ? `${String(child.pid)}/${String(child.startBootUs)}` : JSON.stringify(what)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [child])
    else group.push(child)
  }
  return groups
}

function lastProgram({ programs }: ProcessNode): Program | undefined {
  return [...programs.values()].reduce<Program | undefined>(
    (last, one) => (last === undefined || one.execCount >= last.execCount ? one : last),
    undefined,
  )
}

/** What is placed first: what leads to an alert, then what has alerts, changed or called something, then the oldest. */
function candidatesOf(parents: readonly ProcessNode[], separate: ReadonlySet<ProcessNode>): Candidates[] {
  return [...groupsOf(parents, separate).values()]
    .map((nodes) => ({
      nodes,
      isSeparate: nodes.some((node) => separate.has(node)),
      weight: nodes.reduce((sum, { activity, alerts }) => sum + alerts.length * 1000 + activity.weight, 0),
      startBootUs: nodes.reduce((least, { startBootUs }) => Math.min(least, startBootUs), Infinity),
    }))
    .sort((a, b) => Number(b.isSeparate) - Number(a.isSeparate) || b.weight - a.weight || a.startBootUs - b.startBootUs)
}

function countBelow(nodes: readonly ProcessNode[]): { processes: number; alerts: number } {
  let [processes, alerts] = [0, 0]
  const waiting = [...nodes]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    processes++
    alerts += node.alerts.length
    for (const child of node.children) waiting.push(child)
  }
  return { processes, alerts }
}

function makeEntry(nodes: readonly ProcessNode[], relation: Relation, alert: Alert, bootWallUs: number): StoryEntry {
  const ordered = [...nodes].sort((a, b) => a.startBootUs - b.startBootUs)
  const [first] = ordered
  if (first === undefined) throw new RangeError('an entry without a process')
  const ran = [...first.programs.values()].sort((a, b) => a.execCount - b.execCount)
  const last = ran.pop()
  // What a fork runs until it runs something else is the program of its parent.
  const programs = ran.filter(({ execCount }) => execCount > 0 || !first.isStartSeen)
  const starts = ordered.filter(({ isStartSeen }) => isStartSeen)
  const ends = ordered.flatMap(({ end }) => end ?? [])
  const activities = ordered.map(({ activity }) => activity)
  const touched = (sort: Sort): Cut<Touched> => {
    const all = mergedTouched(activities, sort, alert.path)
    const beyond = activities.reduce((sum, activity) => sum + activity.beyond[sort], 0)
    return { items: all.slice(0, MAX_THINGS), more: Math.max(0, all.length - MAX_THINGS) + beyond }
  }
  const alerts = alertsByRule(ordered)
  return {
    relation,
    count: ordered.length,
    pids: ordered.slice(0, MAX_PIDS).map(({ pid }) => pid),
    startBootUs: first.startBootUs,
    name: first.name,
    exePath: first.exePath,
    args: last?.args ?? first.args,
    user: last?.user ?? null,
    containerId: last?.containerId ?? null,
    startUs: starts[0] === undefined ? null : bootWallUs + starts[0].startBootUs,
    endUs: ends.length < ordered.length ? null : ends.reduce((latest, { atUs }) => Math.max(latest, atUs), 0),
    exitCode: first.end?.exitCode ?? null,
    exitSignal: first.end?.exitSignal ?? null,
    programs: { items: programs.slice(-MAX_PROGRAMS), more: Math.max(0, programs.length - MAX_PROGRAMS) + first.programsBeyond },
    touched: { changed: touched('changed'), read: touched('read'), connections: touched('connections'), calls: touched('calls') },
    alerts: { items: alerts.slice(0, MAX_ALERTS), more: Math.max(0, alerts.length - MAX_ALERTS) },
    children: [],
    cutProcesses: 0,
    cutAlerts: 0,
  }
}

/** The same with less of it. */
function briefEntry(entry: StoryEntry): StoryEntry {
  const few = <Item>({ items, more }: Cut<Item>, shorter: (item: Item) => Item): Cut<Item> => ({
    items: items.slice(0, BRIEF_ITEMS).map(shorter),
    more: more + Math.max(0, items.length - BRIEF_ITEMS),
  })
  const text = (long: string): string => boundedText(long, BRIEF_TEXT)
  const things = (sort: Sort): Cut<Touched> => few(entry.touched[sort], (touched) => ({ ...touched, what: text(touched.what) }))
  return {
    ...entry,
    args: entry.args === null ? null : text(entry.args),
    exePath: entry.exePath === null ? null : text(entry.exePath),
    programs: few(entry.programs, (program) => ({ ...program, args: text(program.args), exePath: null, cwd: null })),
    touched: { changed: things('changed'), read: things('read'), connections: things('connections'), calls: things('calls') },
    alerts: few(entry.alerts, (alert) => ({ ...alert, rule: text(alert.rule) })),
  }
}

function alertsByRule(nodes: readonly ProcessNode[]): RuleAlerts[] {
  const rules = new Map<string, RuleAlerts>()
  for (const { alertId, rule, priority, atUs } of nodes.flatMap(({ alerts }) => alerts)) {
    const before = rules.get(rule)
    const isFirst = before === undefined || atUs < before.firstUs
    rules.set(rule, {
      rule,
      priority,
      count: (before?.count ?? 0) + 1,
      firstUs: isFirst ? atUs : before.firstUs,
      alertId: isFirst ? alertId : before.alertId,
    })
  }
  return [...rules.values()].sort((a, b) => a.firstUs - b.firstUs)
}

/** All entries, parents before their children. */
export function* entriesOf(root: StoryEntry): Generator<{ readonly entry: StoryEntry; readonly depth: number }> {
  const waiting = [{ entry: root, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    const { entry, depth } = next
    for (const child of [...entry.children].reverse()) waiting.push({ entry: child, depth: depth + 1 })
  }
}
