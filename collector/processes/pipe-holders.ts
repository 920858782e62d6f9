// Who has a pipe as its standard input or output, to find a shell between pipes whose other ends lead to the network: `nc | sh | nc`, or a
// program that hands its connection on to a shell that it started. Known from execs and from connections; knows no rules. Bounded.
import { STREAM_FACTS, STREAM_NAME_UNREACHABLE } from '../../native/generated/layout.js'
import type { ProcessEntry } from './process-entry.js'
import type { StandardStreams } from './standard-streams.js'

const S_IFMT = 0o170000
const S_IFIFO = 0o010000
const STDIN = 0
const STDOUT = 1
/** Pipes that are remembered: those of the last execs. */
const MAX_PIPES = 4096
/** Processes that are remembered of one pipe: the last ones. */
const MAX_HOLDERS = 8
/** Ancestors that may have made the pipe. */
const MAX_ANCESTORS = 8

/** Returns the parent of a process as the table knows it. */
export type ParentOf = (process: ProcessEntry) => ProcessEntry | null

/** Pipes by their inode, and the processes whose standard input or output they were at an exec. */
export class PipeHolders {
  readonly #holders = new Map<string, ProcessEntry[]>()
  /** Pipes that were forgotten at the bound. */
  evicted = 0

  /**
   * Adds a process that starts a program.
   * @returns whether processes with connections have the other ends of both its input and its output; null when one of the two is no pipe
   */
  add(process: ProcessEntry, streams: StandardStreams | null, parentOf: ParentOf): boolean | null {
    if (streams === null) return null
    const [input, output] = (streams.pipes ??= [pipeOf(streams, STDIN), pipeOf(streams, STDOUT)])
    if (input !== null) this.#hold(input, process)
    if (output !== null && output !== input) this.#hold(output, process)
    if (input === null || output === null) return null
    return this.#leadsToNetwork(input, process, parentOf) && this.#leadsToNetwork(output, process, parentOf)
  }

  #hold(pipe: string, process: ProcessEntry): void {
    const known = this.#holders.get(pipe)
    if (known === undefined) {
      if (this.#holders.size >= MAX_PIPES) this.#evict()
      this.#holders.set(pipe, [process])
    } else if (!known.includes(process)) {
      if (known.length >= MAX_HOLDERS) known.shift()
      known.push(process)
    }
  }

  #evict(): void {
    const [oldest] = this.#holders.keys()
    if (oldest !== undefined) this.#holders.delete(oldest)
    this.evicted++
  }

  #leadsToNetwork(pipe: string, process: ProcessEntry, parentOf: ParentOf): boolean {
    const holders = this.#holders.get(pipe) ?? []
    if (holders.some((holder) => holder !== process && holder.hasConnection)) return true
    // The nearest ancestor that has not the pipe itself as a stream made it, or got it from elsewhere.
    let ancestor = parentOf(process)
    for (let depth = 0; ancestor !== null && depth < MAX_ANCESTORS; depth++) {
      if (!holders.includes(ancestor)) return ancestor.hasConnection
      ancestor = parentOf(ancestor)
    }
    return false
  }
}

/** The pipe that a stream leads to; null for any other file. A FIFO has an inode of its own file system, and a name. */
function pipeOf({ bytes }: StandardStreams, stream: number): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = stream * STREAM_FACTS.bytes
  if ((view.getUint32(at + STREAM_FACTS.mode, true) & S_IFMT) !== S_IFIFO) return null
  const isNamed = (view.getUint32(at + STREAM_FACTS.flags, true) & STREAM_NAME_UNREACHABLE) === 0
  return `${view.getBigUint64(at + STREAM_FACTS.inode, true).toString()}${isNamed ? ' named' : ''}`
}
