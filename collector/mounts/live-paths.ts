// What is known of the files of a running host: the mounts, the files that are known by inode, and the patterns of system files.
// `refresh` is called once a second.
import { compileGlob } from '../../infra/text/glob.js'
import type { PathPattern } from '../../infra/watch-plan/watch-plan.js'
import { HostFiles } from './host-files.js'
import { HostMounts, type HostMountsOptions } from './host-mounts.js'
import type { HostKnowledge } from './host-paths.js'

const WILDCARDS = /[*?[\\]/

/** Where the patterns come from. */
export interface LivePathsOptions extends HostMountsOptions {
  /** Setting collector.hostFiles. */
  readonly hostFiles: readonly string[]
  /** Patterns of the current plan. Those of a single path name a file of the system, too. */
  readonly planned?: () => readonly PathPattern[]
}

/** Knows the files of this host. */
export class LivePaths {
  readonly knowledge: HostKnowledge
  readonly #mounts: HostMounts
  readonly #files = new HostFiles()
  readonly #literals: readonly string[]
  readonly #fits: readonly ((path: string) => boolean)[]
  readonly #planned: () => readonly PathPattern[]
  #named: ReadonlySet<string> = new Set()

  constructor({ hostFiles, planned = () => [], ...mounts }: LivePathsOptions) {
    const patterns = hostFiles.map((pattern) => Buffer.from(pattern).toString('latin1'))
    this.#mounts = new HostMounts(mounts)
    this.#literals = patterns.filter((pattern) => !WILDCARDS.test(pattern))
    this.#fits = patterns.filter((pattern) => WILDCARDS.test(pattern)).map((pattern) => compileGlob(pattern))
    this.#planned = planned
    this.knowledge = {
      mounts: this.#mounts.host,
      mountsOf: this.#mounts.of,
      fileOf: (file) => this.#files.of(file),
      mountsChanged: (namespace) => this.#mounts.changed(namespace),
      isOfSystem: (path) => this.#named.has(path) || this.#fits.some((fits) => fits(path)),
      hasOverlay: this.#mounts.hasOverlay,
      counts: { replaced: 0, boundForgotten: 0 },
    }
    this.#name()
  }

  /** Reads the identities of files again. @returns when that is done, or at once while an earlier call has not ended */
  async refresh(): Promise<void> {
    this.#mounts.refill()
    this.#name()
    const mounts = this.#mounts.host()
    if (mounts !== null) await this.#files.refresh(mounts)
  }

  /** For the heartbeat. */
  counters(): Readonly<Record<string, number>> {
    const { reads, unread, tooMany, refused, evicted } = this.#mounts.counters
    const { replaced, boundForgotten } = this.knowledge.counts
    const files = { boundForgotten, filesRefused: this.#files.refused, filesForgotten: this.#files.forgotten }
    return {
      replaced,
      reads,
      unread,
      tooManyMounts: tooMany,
      readsRefused: refused,
      namespacesEvicted: evicted,
      ...files,
    }
  }

  #name(): void {
    const planned = this.#planned().flatMap(({ kind, text, ignoresCase }) =>
      kind === 'path' && ignoresCase !== true && text.startsWith('/') ? Buffer.from(text).toString('latin1') : [],
    )
    this.#named = new Set([...this.#literals, ...planned])
    this.#files.watch(this.#named)
  }
}
