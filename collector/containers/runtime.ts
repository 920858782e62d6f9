// The port between the container tracker and a container runtime (Docker, podman, containerd, CRI, LXC).
// Implementations return only parsed and bounded values; they know no cgroup ids and no Eunomia events.
import type { ContainerEvent, ContainerFacts } from '../../schemas/generated/types.js'
import { EunomiaError } from '../../infra/process/errors.js'

/** A container as its runtime reports it. */
export interface RuntimeContainer {
  /** Full id. */
  readonly containerId: string
  /** Software that runs it, if the runtime runs containers for others, as containerd does for nerdctl; default the runtime's own name. */
  readonly runtimeName?: ContainerEvent['runtime']
  readonly facts: ContainerFacts
  /** Paths that the runtime may use for the container's own cgroup. Any other path must be confirmed by the container's processes. */
  readonly cgroupPaths: readonly string[]
  /** First process in the host namespace; null while none runs. */
  readonly initPid: number | null
  /** Exit status of the last run; null while it runs or before its first. */
  readonly exitCode: number | null
  readonly isOomKilled: boolean
}

/** Events of a runtime. */
export type RuntimeEvent =
  | { readonly type: 'connected' } // the stream is open (again): call list() for what happened in between
  | { readonly type: 'disconnected' }
  | { readonly type: 'created' | 'started'; readonly containerId: string; readonly cgroupPaths: readonly string[] } // the default paths
  | { readonly type: 'removed' | 'oom'; readonly containerId: string }
  | { readonly type: 'stopped'; readonly containerId: string; readonly exitCode: number | null }

/** A running event stream. */
export interface RuntimeEvents {
  /** Ends the stream; resolves when no more events follow. */
  stop(): Promise<void>
}

/** One container runtime of this host. */
export interface ContainerRuntime {
  /** Name in events and messages. */
  readonly name: ContainerEvent['runtime']
  /** Its socket; undefined if it has none. */
  readonly socketPath?: string
  /** It only reads files of this host: it is never unreachable, and its answers say nothing about the runtimes with a socket. */
  readonly isLocal?: boolean
  /** What was cut, skipped or failed since the start, for the heartbeat. */
  readonly counters?: Readonly<Record<string, number>>
  /** Whether the id has a form that this runtime uses. */
  mayKnow(containerId: string): boolean
  /**
   * Facts of a container; null when the runtime knows none with this full id.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE)
   */
  facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null>
  /**
   * Full ids of the running containers.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE)
   */
  list(signal: AbortSignal): Promise<readonly string[]>
  /**
   * Its version, for display; undefined if it has none.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE)
   */
  version?(signal: AbortSignal): Promise<string>
  /** Opens the event stream, and reopens it whenever it ends: a runtime that starts later or restarts is picked up. */
  events(listener: (event: RuntimeEvent) => void): RuntimeEvents
  /** Closes its connections. */
  close(): void
}

/** A runtime does not answer, or not in a usable form. `details.isAbsent`: the socket does not exist, so the runtime may not be installed. */
export class RuntimeUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RUNTIME_UNREACHABLE'
  static override readonly isRetryable = true
}

/** The socket does not exist. For a runtime that was never installed this is no outage. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof RuntimeUnreachableError) return error.details['isAbsent'] === true
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
