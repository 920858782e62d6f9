// The detection of a rule, or of a filter: its searches put into its conditions, to one term.
import { ItemError } from '../../read/load-report.js'
import type { LoadReport } from '../../read/load-report.js'
import { parseSigmaCondition, SigmaConditionError } from '../condition/parse-condition.js'
import type { SigmaDetection, SigmaMetadata, WrittenCondition } from '../read/sigma-document.js'
import { ConditionCompiler } from './compile-condition.js'
import type { CompileScope } from './compile-scope.js'
import { compileSearch } from './compile-search.js'
import { conditionProblem } from './sigma-problem.js'
import { allTerms, anyTerm, notTerm } from './term.js'
import type { Term } from './term.js'

type Titled = Pick<SigmaMetadata, 'title'>

/** Every search is compiled, also one that no condition names: all mistakes are told in one go. null when there are any. */
export function compileDetection(metadata: Titled, detection: SigmaDetection, scope: CompileScope, report: LoadReport): Term | null {
  const searches = new Map<string, Term | null>()
  let isWhole = true
  for (const [name, node] of detection.searches) {
    isWhole = attempt(metadata, report, () => searches.set(name, compileSearch(node, scope))) && isWhole
  }
  const compiler = new ConditionCompiler(searches)
  const terms: Term[] = []
  for (const condition of detection.conditions) {
    // A search that is broken is no search that is missing.
    if (isWhole) isWhole = attempt(metadata, report, () => terms.push(...present(compileOne(condition, compiler, metadata, report), false)))
  }
  const additions: Term[] = []
  for (const { node, isNegated } of detection.additions) {
    isWhole = attempt(metadata, report, () => additions.push(...present(compileSearch(node, scope), isNegated))) && isWhole
  }
  for (const obstacle of detection.obstacles) scope.obstacles.add(obstacle)
  if (terms.length === 0) scope.obstacles.add('a pipeline left nothing of the condition')
  return isWhole ? allTerms([anyTerm(terms), ...additions]) : null
}

function present(term: Term | null, isNegated: boolean): Term[] {
  if (term === null) return []
  return [isNegated ? notTerm(term) : term]
}

/** Notes a mistake with the title of the rule. True when there was none. */
function attempt({ title }: Titled, report: LoadReport, work: () => void): boolean {
  return report.attempt(() => {
    try {
      work()
    } catch (error) {
      if (error instanceof ItemError) throw new ItemError(error.code, error.message, title, error.place)
      throw error
    }
  })
}

function compileOne({ text, node }: WrittenCondition, compiler: ConditionCompiler, metadata: Titled, report: LoadReport): Term | null {
  try {
    const before = compiler.emptyPatterns.length
    const term = compiler.compile(parseSigmaCondition(text))
    for (const { pattern, index } of compiler.emptyPatterns.slice(before)) {
      const message = `'${pattern}' names no search: it never holds`
      report.warn('LOAD_EMPTY_PATTERN', message, metadata.title, node.places.at(index))
    }
    return term
  } catch (error) {
    if (error instanceof SigmaConditionError) throw conditionProblem(error.message, node.places.at(error.index))
    throw error
  }
}
