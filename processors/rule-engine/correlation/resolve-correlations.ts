// Resolves the rules that correlations name, in the order of their dependencies, and compiles the correlations. An unknown name or a cycle is a mistake of
// the correlation; what depends on it is excluded without a second error.
import { compileCorrelation, type FoundMember } from './compile-correlation.js'
import type { LoadError } from '../read/diagnostics.js'
import { FollowOnError, ItemError, type LoadReport } from '../read/load-report.js'
import type { SigmaDocuments } from '../sigma/load-sigma.js'
import type { CorrelationDocument, RuleReference, SigmaDocument } from '../sigma/read/sigma-document.js'

/** Deepest chain of correlations over correlations. */
const MAX_DEPTH = 20

/** A correlation before it is known whether its rules can fire and which of them emit alerts. */
export type UnsettledCorrelation = ReturnType<typeof compileCorrelation>

/** Resolves all correlations of a load. @returns in the order of evaluation: each after those that feed it, otherwise in load order */
export function resolveCorrelations(documents: SigmaDocuments, report: LoadReport): UnsettledCorrelation[] {
  const resolver = new Resolver(documents, report)
  for (const document of documents.correlations) resolver.resolve(document)
  return documents.correlations.flatMap((document) => resolver.compiled.get(document) ?? []).sort((a, b) => a.depth - b.depth)
}

class Resolver {
  readonly compiled = new Map<SigmaDocument, UnsettledCorrelation>()
  readonly #documents: SigmaDocuments
  readonly #report: LoadReport
  readonly #failed = new Map<SigmaDocument, LoadError>()
  /** Correlations under resolution, each named by the one before it. */
  readonly #path: CorrelationDocument[] = []

  constructor(documents: SigmaDocuments, report: LoadReport) {
    this.#documents = documents
    this.#report = report
  }

  resolve(document: CorrelationDocument): void {
    if (this.compiled.has(document) || this.#failed.has(document)) return
    this.#path.push(document)
    const failure = this.#report.failureOf(() => {
      const references = document.correlation.rules
      const members = references.map((reference) => this.#member(document, reference))
      refuseRepeats(members, references, document)
      this.compiled.set(document, compileCorrelation(document, members))
    })
    this.#path.pop()
    if (failure === null) return
    this.#failed.set(document, failure)
    this.#report.quarantine('rule', document.metadata.title, failure)
  }

  /** @throws ItemError, FollowOnError */
  #member(document: CorrelationDocument, reference: RuleReference): FoundMember {
    const { title } = document.metadata
    const fail = (message: string): never => {
      throw new ItemError('LOAD_ERR_VALIDATE', message, title, reference.place)
    }
    const found = this.#documents.index.find(reference.text)
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
    const rule = this.#documents.rules.get(item)?.rule
    if (rule !== undefined) return { id, title: memberTitle, kind: 'rule', version: rule.version, calls, depth: -1 }
    const mistake = this.#failed.get(item) ?? this.#documents.broken.get(item)
    if (mistake !== undefined) throw new FollowOnError(mistake)
    return fail(`rule '${reference.text}' did not load`)
  }

  #enter(item: CorrelationDocument, fail: (message: string) => never): void {
    const at = this.#path.indexOf(item)
    if (at >= 0) {
      const circle = [...this.#path.slice(at), item].map(({ metadata }) => `'${metadata.name ?? metadata.title}'`)
      fail(`correlations feed each other in a cycle: ${circle.join(' <- ')}`)
    }
    if (this.#path.length > MAX_DEPTH) fail(`correlations of correlations are deeper than ${String(MAX_DEPTH)}`)
    this.resolve(item)
  }
}

/** Refuses the same rule by its id and by its name. */
function refuseRepeats(members: readonly FoundMember[], references: readonly RuleReference[], { metadata }: CorrelationDocument): void {
  for (const [index, { id }] of members.entries()) {
    const first = members.findIndex((other) => other.id === id)
    const reference = references[index]
    if (first === index || reference === undefined) continue
    const message = `'${reference.text}' is the same rule as '${references[first]?.text ?? ''}'`
    throw new ItemError('LOAD_ERR_VALIDATE', message, metadata.title, reference.place)
  }
}
