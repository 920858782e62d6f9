// The rules of requests on standard input, loaded in a thread before they are answered: a request that would hold up or end the program is
// refused, and those after it are answered. Small ones with nothing that is slow to compile are answered at once.
import { UsageError } from '../../../infra/process/errors.js'
import { readRuleFiles } from '../load/rule-files.js'
import { guessedCost, type TrialBounds, tryFiles } from '../load/trial-load.js'
import { type RuleFile, filesHash } from '../read/rule-file.js'
import type { LoadOptions } from '../rule-set/load-options.js'

type Request = Readonly<Record<string, unknown>>

/** Up to here, rules take milliseconds: two thousand characters, or one expression. */
const HARMLESS_COST = 2_500
/** Most hashes of rules that passed; all are forgotten above it. */
const MAX_PASSED = 1_024

/** Tries the rules of requests, each set once. */
export class TriedRequests {
  readonly #load: Pick<LoadOptions, 'pipelines' | 'placeholders'>
  readonly #bounds: TrialBounds | undefined
  readonly #passed = new Set<string>()

  constructor(load: Pick<LoadOptions, 'pipelines' | 'placeholders'> = {}, bounds?: TrialBounds) {
    this.#load = load
    this.#bounds = bounds
  }

  /** @returns the request @throws UsageError for rules that would hold up or end the program */
  async tried(request: Request): Promise<Request> {
    const files = filesOf(request)
    if (files.reduce((cost, file) => cost + guessedCost(file), 0) <= HARMLESS_COST) return request
    const hash = filesHash(files)
    if (this.#passed.has(hash)) return request
    const { pipelines = [], placeholders = {} } = this.#load
    const [error] = (await tryFiles(files, pipelines, placeholders, this.#bounds)).errors
    if (error !== undefined) throw new UsageError(`${error.place.file}: ${error.message}`)
    if (this.#passed.size >= MAX_PASSED) this.#passed.clear()
    this.#passed.add(hash)
    return request
  }
}

/** Those that it holds, of `rules check` and `rules eval`, or names. What is no list of them is refused with the answer. */
function filesOf(request: Request): readonly RuleFile[] {
  const list = (key: string): unknown[] => (Array.isArray(request[key]) ? (request[key] as unknown[]) : [])
  const texts = [...list('rules'), ...list('files').map((file) => (file as { readonly text?: unknown } | null)?.text)]
  const given = texts.map((text, index) => ({ name: `rules[${String(index)}]`, text: typeof text === 'string' ? text : '' }))
  const named = list('rulesFiles').filter((path) => typeof path === 'string')
  return named.length === 0 ? given : [...given, ...readRuleFiles(named).files]
}
