// Rule files of requests, read again only when they changed: thousands of requests a second name the same ones.
import { statSync } from 'node:fs'
import type { RuleFile } from '../../../processors/rule-engine/read/rule-file.js'
import { filesHash } from '../../../processors/rule-engine/read/rule-file.js'
import { readRuleFiles } from '../../../processors/rule-engine/load/rule-files.js'
import type { RuleFiles } from '../../../processors/rule-engine/load/rule-files.js'

/** What was read, with the identity of its texts. */
export type ReadFiles = Pick<RuleFiles, 'files' | 'errors'> & { readonly hash: string }

/** How many lists of paths are kept; the least lately used goes. */
const KEPT_LISTS = 64

/** Reads lists of paths, and keeps the latest ones by their paths, sizes and times of change. */
export class KeptFiles {
  readonly #kept = new Map<string, { readonly state: string; readonly read: ReadFiles }>()

  read(paths: readonly string[]): ReadFiles {
    const state = stateOf(paths)
    const key = JSON.stringify(paths)
    const kept = this.#kept.get(key)
    if (kept !== undefined && state !== null && kept.state === state) return kept.read
    const read = withHash(readRuleFiles(paths))
    this.#kept.delete(key)
    if (state === null) return read
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT_LISTS && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(key, { state, read })
    return read
  }
}

/** Files with the identity of their texts. */
export function withHash({ files, errors }: { readonly files: readonly RuleFile[]; readonly errors: RuleFiles['errors'] }): ReadFiles {
  return { files, errors, hash: filesHash(files) }
}

/** Changes when a file does. null for what must be read each time: a folder, whose files may have changed, and what is not there. */
function stateOf(paths: readonly string[]): string | null {
  try {
    const stats = paths.map((path) => statSync(path, { bigint: true }))
    if (!stats.every((one) => one.isFile())) return null
    return stats.map(({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(':')).join(' ')
  } catch {
    return null
  }
}
