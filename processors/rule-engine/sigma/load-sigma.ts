// Documents of Sigma files to compiled rules, each on its own: no rule changes what another one means. Every mistake of all files is told in one go.
import type { CompiledRule, FilePlace } from '../compiled-rule.js'
import type { LoadOptions } from '../load-options.js'
import type { LoadReport } from '../load-report.js'
import { isAtLeast } from '../priority.js'
import type { YamlNode } from '../read/yaml-file.js'
import { compileSigma } from './compile-rule.js'
import type { SigmaContext } from './compile-rule.js'
import { LogSources } from './log-source/log-source.js'
import { readSigmaDocument } from './read/read-document.js'

/** Compiles documents as they come. */
export class SigmaLoader {
  readonly #context: SigmaContext
  readonly #options: LoadOptions
  /** Where each id stands: alerts name the rule by it. */
  readonly #places = new Map<string, FilePlace>()

  constructor(report: LoadReport, options: LoadOptions) {
    this.#context = { logSources: new LogSources(), placeholders: options.placeholders ?? {}, report }
    this.#options = options
  }

  /** Nothing when the document has mistakes, or is less urgent than what is loaded. */
  load(node: YamlNode): CompiledRule[] {
    const { report } = this.#context
    const rules: CompiledRule[] = []
    report.attempt(() => {
      const rule = compileSigma(readSigmaDocument(node), this.#context)
      if (rule !== null && this.#isAccepted(rule)) rules.push(rule)
    })
    return rules
  }

  #isAccepted(rule: CompiledRule): boolean {
    const { minPriority } = this.#options
    if (minPriority !== undefined && !isAtLeast(rule.priority, minPriority)) return false
    const earlier = this.#places.get(rule.id)
    if (earlier !== undefined) {
      const message = `id ${rule.id} is also that of a rule at ${earlier.file}:${String(earlier.line)}`
      this.#context.report.error('LOAD_ERR_VALIDATE', message, rule.name, rule.place)
      return false
    }
    this.#places.set(rule.id, rule.place)
    return true
  }
}
