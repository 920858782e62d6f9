// One question to several runtimes at a time, so that one that hangs holds up nobody else's answer.
import type { ContainerRuntime, RuntimeContainer } from './runtime.js'

/** What came of it. */
export interface RuntimesAnswer {
  /** The container, and who knows it; null when nobody said so. */
  readonly found: { readonly runtime: ContainerRuntime; readonly container: RuntimeContainer } | null
  /** Runtimes that did not answer; empty when the container was found before. */
  readonly unanswered: readonly ContainerRuntime[]
}

/** Asks all of them; resolves with the first that knows the container, or when the last has answered or failed. Never rejects. */
export function askRuntimes(runtimes: readonly ContainerRuntime[], containerId: string, signal: AbortSignal): Promise<RuntimesAnswer> {
  const unanswered: ContainerRuntime[] = []
  return new Promise((resolve) => {
    const all = runtimes.map(async (runtime) => {
      try {
        const container = await runtime.facts(containerId, signal)
        if (container !== null) resolve({ found: { runtime, container }, unanswered: [] })
      } catch {
        unanswered.push(runtime)
      }
    })
    void Promise.all(all).then(() => resolve({ found: null, unanswered }))
  })
}
