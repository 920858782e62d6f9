// The port between the container tracker and a container runtime (Docker, podman, containerd, CRI, LXC).
// Everything that an implementation returns is parsed and bounded; it knows no cgroup ids and no Eunomia events.
import type { ContainerEvent, ContainerFacts } from '../../schemas/generated/types.js'
import { EunomiaError } from '../../infra/process/errors.js'

/** A container as its runtime tells it. */
export interface RuntimeContainer {
  /** Whole id. */
  readonly containerId: string
  /** Software that runs it, where the runtime runs containers for others, as containerd does for nerdctl; default the runtime's own name. */
  readonly runtimeName?: ContainerEvent['runtime']
  readonly facts: ContainerFacts
  /** Paths that the runtime may have given to the container's own cgroup; no others are the container's without a look at its processes. */
  readonly cgroupPaths: readonly string[]
  /** First process in the host namespace; null while none runs. */
  readonly initPid: number | null
  /** Exit status of the last run; null while it runs or before its first. */
  readonly exitCode: number | null
  readonly isOomKilled: boolean
}

/** What a runtime tells while it goes on. */
export type RuntimeEvent =
  | { readonly type: 'connected' } // the stream is open (again): whatever was between is to be found by list()
  | { readonly type: 'disconnected' }
  | { readonly type: 'created' | 'started'; readonly containerId: string; readonly cgroupPaths: readonly string[] } // paths: by default
  | { readonly type: 'removed' | 'oom'; readonly containerId: string }
  | { readonly type: 'stopped'; readonly containerId: string; readonly exitCode: number | null }

/** A running event stream. */
export interface RuntimeEvents {
  /** Ends the stream; resolves when nothing more will be told. */
  stop(): Promise<void>
}

/** One container runtime of this host. */
export interface ContainerRuntime {
  /** As events and people name it. */
  readonly name: ContainerEvent['runtime']
  /** Its socket; undefined for one that has none. */
  readonly socketPath?: string
  /** It only looks at this host's own files: it never is away, and that it answers says nothing of the runtimes that have a socket. */
  readonly isLocal?: boolean
  /** What was cut, skipped or failed since the start, for the heartbeat. */
  readonly counters?: Readonly<Record<string, number>>
  /** An id has a form that this runtime gives. */
  mayKnow(containerId: string): boolean
  /**
   * What the runtime knows of a container; null when it knows none with this whole id.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE)
   */
  facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null>
  /**
   * Whole ids of the containers that run.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE)
   */
  list(signal: AbortSignal): Promise<readonly string[]>
  /**
   * Its version, for people; undefined for one that has none to ask for.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE)
   */
  version?(signal: AbortSignal): Promise<string>
  /** Opens the event stream, and opens it again whenever it ends: a runtime that comes later, or restarts, is picked up. */
  events(listener: (event: RuntimeEvent) => void): RuntimeEvents
  /** Lets go of kept connections. */
  close(): void
}

/** A runtime does not answer, or not in a form that can be used. `details.isAbsent`: there is no such socket, so the runtime may not be here at all. */
export class RuntimeUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RUNTIME_UNREACHABLE'
  static override readonly isRetryable = true
}

/** A socket that is not there, which is no outage of a runtime that was never here. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof RuntimeUnreachableError) return error.details['isAbsent'] === true
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
