// Stage 5 of the candidate filter, on the bytes of the records of one topic: a graph of what is left of the rows. Each node asks about one operand, and each
// class of its values leads to another node. Nodes are made when a record first gets there, so that a record costs a few look-ups, however many rows there are.
//
//    all rows -(path: class 7)-> 40 rows -(program: class 3)-> 2 rows -(user: absent)-> none
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import { intersect, isEmpty, meets, membersIn, subtract } from './bit-rows.js'
import { ABSENT, PRESENT, UNKNOWN_YET } from './byte-text.js'
import type { Classifier } from './classifier.js'
import { NOT_NUMBERED } from './mask-unions.js'

/** Most nodes; after so many records that met none, it begins again. */
const MOST_NODES = 4096
const PATIENCE = 65_536

/** A step on the bytes of a record. */
export interface ByteStep {
  /** Rows that test its operand, and those that need a value. */
  readonly tested: Uint32Array
  readonly used: Uint16Array
  readonly needing: Uint32Array
  readonly classifier: Classifier
  /** Of a look, roughly; relative to other steps. */
  readonly cost: number
  /** Places of the steps that need not be asked, where this one has a class. */
  readonly covers: readonly number[]
}

/** What is left of the rows, and what is asked about them. */
interface Node {
  readonly rows: Uint32Array
  readonly isEmpty: boolean
  /** Place of the step; -1 for none. */
  readonly step: number
  readonly searches: number
  /** A bit for each step that has been asked. */
  readonly done: Uint32Array
  /** Number of the node that follows, by class; 0 for one that is not made. */
  next: Int32Array
}

/** Finds the rows that a record may fulfil. */
export class DecisionGraph {
  readonly #all: Uint32Array
  readonly #steps: readonly ByteStep[]
  readonly #numbers = new Map<string, number>()
  readonly #nodes: Node[] = []
  #missed = 0

  constructor(steps: readonly ByteStep[], all: Uint32Array) {
    this.#all = all
    this.#steps = steps
  }

  /** It has too many nodes: clear it, and all others with the same steps. */
  get isWornOut(): boolean {
    return this.#missed > PATIENCE
  }

  /** The rows; null for none. */
  rowsIn(record: ScannedRecord): Uint32Array | null {
    const nodes = this.#nodes
    const steps = this.#steps
    let node = nodes[ROOT] ?? this.#makeRoot(record)
    while (node.step >= 0) {
      const found = steps[node.step]?.classifier.look(record, node.rows, node.searches) ?? UNKNOWN_YET
      const next = found === NOT_NUMBERED ? 0 : (node.next[found] ?? 0)
      const following = next === 0 ? this.#follow(record, node, found) : nodes[next]
      if (following === undefined) return this.#askAll(record, node, found)
      node = following
    }
    return node.isEmpty ? null : node.rows
  }

  clear(): void {
    this.#numbers.clear()
    this.#nodes.length = 0
    this.#missed = 0
    for (const { classifier } of this.#steps) classifier.clear()
  }

  #makeRoot(record: ScannedRecord): Node {
    const root = this.#nodeOf(record, this.#all, new Uint32Array((this.#steps.length + 31) >>> 5))
    // Number 0 is none.
    this.#nodes.push(root, root)
    return root
  }

  /** The node that follows; undefined if there is no room for it. */
  #follow(record: ScannedRecord, node: Node, found: number): Node | undefined {
    const step = this.#steps[node.step]
    if (found === NOT_NUMBERED || step === undefined) return undefined
    const rows = node.rows.slice()
    narrow(step, found, rows)
    const done = node.done.slice()
    setDone(done, node.step)
    if (found !== UNKNOWN_YET) for (const covered of step.covers) setDone(done, covered)
    this.#forgetUseless(rows, done)
    const key = `${keyOf(rows)} ${keyOf(done)}`
    const known = this.#numbers.get(key)
    if (known === undefined && this.#nodes.length >= MOST_NODES) return undefined
    const number = known ?? this.#nodes.push(this.#nodeOf(record, rows, done)) - 1
    this.#numbers.set(key, number)
    if (found >= node.next.length) node.next = grown(node.next, found + 1)
    node.next[found] = number
    return this.#nodes[number]
  }

  /** Steps that test none of the rows count as done, so that more nodes are equal. */
  #forgetUseless(rows: Uint32Array, done: Uint32Array): void {
    this.#steps.forEach(({ tested, used }, place) => {
      if (!meets(rows, tested, used)) setDone(done, place)
    })
  }

  #nodeOf(record: ScannedRecord, rows: Uint32Array, done: Uint32Array): Node {
    const isLast = isEmpty(rows)
    const step = isLast ? -1 : this.#nextStep(record, rows, done)
    const searches = this.#steps[step]?.classifier.searchesFor?.(rows) ?? 0
    return { rows, isEmpty: isLast, step, searches, done, next: new Int32Array(4) }
  }

  /** The cheapest of the few steps that together leave of these rows what all steps leave, for the record that came first. */
  #nextStep(record: ScannedRecord, rows: Uint32Array, done: Uint32Array): number {
    const choices = this.#steps.flatMap((step, place): Choice[] => {
      if (isDone(done, place) || !meets(rows, step.tested, step.used)) return []
      const left = rows.slice()
      narrow(step, step.classifier.look(record, rows, step.classifier.searchesFor?.(rows) ?? 0), left)
      return [{ place, left, cost: step.cost }]
    })
    const telling = tellingOf(choices, rows)
    const cheapest = (telling.length === 0 ? choices : telling).reduce<Choice | null>(
      (best, choice) => (best !== null && best.cost <= choice.cost ? best : choice),
      null,
    )
    return cheapest?.place ?? -1
  }

  /** Without further nodes: all steps that test a row that is left. */
  #askAll(record: ScannedRecord, node: Node, found: number): Uint32Array | null {
    this.#missed++
    const alive = node.rows.slice()
    const step = this.#steps[node.step]
    if (step !== undefined) narrow(step, found, alive)
    return askAll(this.#steps, record, alive) ? alive : null
  }
}

const ROOT = 1

/** A step that may be asked, and what it would leave. */
interface Choice {
  readonly place: number
  readonly left: Uint32Array
  readonly cost: number
}

/** Few of them that together leave what all of them leave. */
function tellingOf(choices: readonly Choice[], rows: Uint32Array): readonly Choice[] {
  const chosen: Choice[] = []
  const left = rows.slice()
  for (let best = mostTelling(choices, left); best !== null; best = mostTelling(choices, left)) {
    chosen.push(best)
    intersect(left, best.left)
  }
  // One that was chosen early may say nothing that the others do not.
  const fewest = membersIn(left, left)
  return [...chosen].reduce<readonly Choice[]>((needed, choice) => {
    const others = needed.filter((other) => other !== choice)
    const without = rows.slice()
    for (const other of others) intersect(without, other.left)
    return membersIn(without, without) === fewest ? others : needed
  }, chosen)
}

/** The one that removes most rows for its cost; null if none removes any. */
function mostTelling(choices: readonly Choice[], rows: Uint32Array): Choice | null {
  const all = membersIn(rows, rows)
  let best: Choice | null = null
  let most = 0
  for (const choice of choices) {
    const gain = (all - membersIn(rows, choice.left)) / choice.cost
    if (gain > most) [best, most] = [choice, gain]
  }
  return best
}

/** Asks the steps one after the other. @returns false if no row is left */
export function askAll(steps: readonly ByteStep[], record: ScannedRecord, alive: Uint32Array): boolean {
  for (const step of steps) {
    if (step.covers.length > 0 || !meets(alive, step.tested, step.used)) continue
    const { classifier } = step
    narrow(step, classifier.look(record, alive, classifier.searchesFor?.(alive) ?? 0), alive)
    if (isEmpty(alive)) return false
  }
  return true
}

function narrow({ classifier, needing }: ByteStep, found: number, alive: Uint32Array): void {
  if (found === ABSENT) subtract(alive, needing)
  else if (found !== UNKNOWN_YET) classifier.narrowBy(found === NOT_NUMBERED ? found : found - PRESENT, alive)
}

const keyOf = (words: Uint32Array): string => Buffer.from(words.buffer).toString('latin1')
const isDone = (done: Uint32Array, place: number): boolean => ((done[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0

function setDone(done: Uint32Array, place: number): void {
  done[place >>> 5] = (done[place >>> 5] ?? 0) | (1 << (place & 31))
}

function grown(next: Int32Array, least: number): Int32Array {
  const larger = new Int32Array(Math.max(least, 2 * next.length))
  larger.set(next)
  return larger
}
