// Finds the rules that correlations name, in the order in which they rest on each other, and compiles them. A name that means nothing and a circle
// are mistakes of the correlation; what rests on it is kept out with it, and is told no second time.
import type { LoadError } from '../../read/diagnostics.js'
import { FollowOnError, ItemError } from '../../read/load-report.js'
import type { LoadReport } from '../../read/load-report.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { RuleReference, SigmaDocument } from '../../sigma/read/sigma-document.js'
import type { NamedRules } from '../../sigma/named-rules.js'
import { compileCorrelation } from './compile-correlation.js'
import type { CorrelationDocument, FoundMember } from './compile-correlation.js'

/** Deepest chain of correlations over correlations. */
const MAX_DEPTH = 20

/** A correlation of which is not known yet what its rules say of it: whether they can fire, who speaks. */
export type UnsettledCorrelation = ReturnType<typeof compileCorrelation>

/** What is known of the documents of a load. */
export interface Known {
  readonly index: NamedRules<SigmaDocument>
  /** Rules that compiled. */
  readonly rules: ReadonlyMap<SigmaDocument, CompiledRule>
  /** Documents that did not, with the mistake. */
  readonly broken: ReadonlyMap<SigmaDocument, LoadError>
  readonly report: LoadReport
}

/** @returns in the order of judging: each behind those that feed it, else in load order */
export function resolveCorrelations(documents: readonly CorrelationDocument[], known: Known): UnsettledCorrelation[] {
  const resolver = new Resolver(known)
  for (const document of documents) resolver.resolve(document)
  return documents.flatMap((document) => resolver.compiled.get(document) ?? []).sort((a, b) => a.depth - b.depth)
}

class Resolver {
  readonly compiled = new Map<SigmaDocument, UnsettledCorrelation>()
  readonly #known: Known
  readonly #failed = new Map<SigmaDocument, LoadError>()
  /** Correlations that are being resolved, each named by the one before. */
  readonly #path: CorrelationDocument[] = []

  constructor(known: Known) {
    this.#known = known
  }

  resolve(document: CorrelationDocument): void {
    if (this.compiled.has(document) || this.#failed.has(document)) return
    const { report } = this.#known
    this.#path.push(document)
    const failure = report.failureOf(() => {
      const references = document.correlation.rules
      const members = references.map((reference) => this.#member(document, reference))
      refuseRepeats(members, references, document)
      this.compiled.set(document, compileCorrelation(document, members))
    })
    this.#path.pop()
    if (failure === null) return
    this.#failed.set(document, failure)
    report.quarantine('rule', document.metadata.title, failure)
  }

  /** @throws ItemError, FollowOnError */
  #member(document: CorrelationDocument, reference: RuleReference): FoundMember {
    const { title } = document.metadata
    const fail = (message: string): never => {
      throw new ItemError('LOAD_ERR_VALIDATE', message, title, reference.place)
    }
    const found = this.#known.index.find(reference.text)
    if ('problem' in found) return fail(found.problem)
    const { item } = found
    const { id, name, title: memberTitle } = item.metadata
    const calls = [reference.text, id, ...(name === null ? [] : [name])]
    if (item.kind === 'filter') return fail(`'${reference.text}' is a filter: correlations are of rules`)
    if (item.kind === 'correlation') {
      this.#enter(item, fail)
      const compiled = this.compiled.get(item)
      if (compiled !== undefined)
        return { id, title: memberTitle, kind: 'correlation', version: compiled.version, calls, depth: compiled.depth }
    }
    const rule = this.#known.rules.get(item)
    if (rule !== undefined) return { id, title: memberTitle, kind: 'rule', version: rule.version, calls, depth: -1 }
    const told = this.#failed.get(item) ?? this.#known.broken.get(item)
    if (told !== undefined) throw new FollowOnError(told)
    return fail(`rule '${reference.text}' did not load`)
  }

  #enter(item: CorrelationDocument, fail: (message: string) => never): void {
    const at = this.#path.indexOf(item)
    if (at >= 0) {
      const circle = [...this.#path.slice(at), item].map(({ metadata }) => `'${metadata.name ?? metadata.title}'`)
      fail(`correlations feed each other in a circle: ${circle.join(' <- ')}`)
    }
    if (this.#path.length > MAX_DEPTH) fail(`correlations of correlations stand deeper than ${String(MAX_DEPTH)}`)
    this.resolve(item)
  }
}

/** The same rule by its id and by its name. */
function refuseRepeats(members: readonly FoundMember[], references: readonly RuleReference[], { metadata }: CorrelationDocument): void {
  for (const [index, { id }] of members.entries()) {
    const first = members.findIndex((other) => other.id === id)
    const reference = references[index]
    if (first === index || reference === undefined) continue
    const message = `'${reference.text}' is the same rule as '${references[first]?.text ?? ''}'`
    throw new ItemError('LOAD_ERR_VALIDATE', message, metadata.title, reference.place)
  }
}
