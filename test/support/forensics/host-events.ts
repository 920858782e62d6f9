// Events of one host and boot, as its collector would send them: processes that fork, run programs, touch things and end, numbered without gaps.
import type { StoryEvent } from '../../../processors/forensics/story/story.js'
import type { Alert, FileEvent, HostEvent, NetworkEvent, Origin, Process, ProcessEvent } from '../../../schemas/generated/types.js'
import { sampleNetworkEvent } from '../records/sample-network-event.js'
import { sampleFileEvent, sampleOrigin, sampleProcess, sampleProcessEvent } from '../records/sample-records.js'
import { testAlert } from '../records/test-alert.js'

/** 2026-11-28T06:00:00Z, microseconds. */
export const HOST_START_US = 1_795_845_600_000_000
const BOOT_US = 1_000_000_000

/** Makes events. Each takes a millisecond. */
export class HostEvents {
  readonly events: StoryEvent[] = []
  readonly hostId: string
  readonly bootId: string
  readonly #seqs = new Map<string, number>()
  #nowUs: number

  constructor(hostId = '0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11', bootId = 'a1b2c3d4-0000-4000-8000-1234567890ab', startUs = HOST_START_US) {
    this.hostId = hostId
    this.bootId = bootId
    this.#nowUs = startUs
  }

  get nowUs(): number {
    return this.#nowUs
  }

  pass(ms: number): void {
    this.#nowUs += ms * 1000
  }

  /** The next origin of a topic. */
  origin(topic: string, cpu = 0): Origin {
    this.pass(1)
    const key = `${topic}/${String(cpu)}`
    const seq = (this.#seqs.get(key) ?? 0) + 1
    this.#seqs.set(key, seq)
    const { hostId, bootId } = this
    return sampleOrigin({
      hostId,
      bootId,
      cpu,
      seq,
      wallTimeUs: this.#nowUs,
      bootTimeUs: this.#nowUs - HOST_START_US + BOOT_US,
      hostName: 'node-17',
    })
  }

  /** Events of a topic are made but not kept: they are lost. */
  lose(topic: string, count: number): void {
    for (let index = 0; index < count; index++) this.origin(topic)
  }

  /** The first process of the host. */
  init(): Process {
    return sampleProcess({
      name: 'systemd',
      pid: 1,
      parentPid: 0,
      startBootUs: 1_000_000,
      ancestors: [],
      parentArgs: [],
      args: ['/sbin/init'],
      containerId: null,
    })
  }

  fork(parent: Process, pid: number): Process {
    const origin = this.origin('process')
    const { name, startBootUs, exePath, args } = parent
    const ancestor = { pid: parent.pid, startBootUs, name, exe: args[0] ?? '', exePath, exeFlags: 0, program: null }
    const process = {
      ...parent,
      pid,
      parentPid: parent.pid,
      startBootUs: origin.bootTimeUs,
      execCount: 0,
      ancestors: [ancestor, ...parent.ancestors].slice(0, 8),
      parentArgs: args,
    }
    this.#add({ topic: 'process', record: sampleProcessEvent({ type: 'fork', process, origin, filename: null }) })
    return process
  }

  exec(before: Process, args: readonly string[], change: Partial<Process> = {}): Process {
    const exePath = args[0] ?? ''
    const name = exePath.slice(exePath.lastIndexOf('/') + 1).slice(0, 15)
    const process = { ...before, name, exePath, args, execCount: before.execCount + 1, ...change }
    this.#add({ topic: 'process', record: sampleProcessEvent({ process, origin: this.origin('process'), filename: exePath }) })
    return process
  }

  /** A fork and an exec. */
  spawn(parent: Process, pid: number, ...args: string[]): Process {
    return this.exec(this.fork(parent, pid), args)
  }

  exit(process: Process, change: Partial<ProcessEvent> = {}): void {
    this.#add({
      topic: 'process',
      record: sampleProcessEvent({ type: 'exit', process, origin: this.origin('process'), exitCode: 0, ...change }),
    })
  }

  file(process: Process, path: string, change: Partial<FileEvent> = {}): void {
    this.#add({ topic: 'file', record: sampleFileEvent({ process, path, origin: this.origin('file'), ...change }) })
  }

  network(process: Process, change: Partial<NetworkEvent>): void {
    this.#add({ topic: 'network', record: sampleNetworkEvent({ process, origin: this.origin('network'), ...change }) })
  }

  /** An alert about a process, now. */
  alert(process: Process, change: Partial<Alert> = {}): Alert {
    const alert = testAlert({ process, origin: this.origin('file'), containerId: process.containerId, container: null, ...change })
    this.#add({ topic: 'alerts', record: alert })
    return alert
  }

  /** What the collector says of itself each ten seconds, from a time on. */
  heartbeats(fromUs: number, toUs: number, losses: HostEvent['losses'] = []): void {
    for (let atUs = fromUs; atUs <= toUs; atUs += 10_000_000) {
      const origin = { ...this.origin('host', -1), wallTimeUs: atUs }
      const own = {
        collectorVersion: '0',
        kernelRelease: '0',
        architecture: 'x86_64',
        startedAtUs: 0,
        isLast: false,
        probes: [],
        ledger: [],
      }
      const counts = { counters: {}, processes: 0, containers: 0, cpuUs: 0, rssBytes: 0 }
      this.#add({ topic: 'host', record: { origin, ...own, ...counts, losses: atUs === fromUs ? losses : [] } })
    }
  }

  #add(event: StoryEvent): void {
    this.events.push(event)
  }
}
