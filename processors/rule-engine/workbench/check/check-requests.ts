// Answers requests to check rule files or a single condition: `rules check --json -` and `rules parse --json`.
import type { LoadOptions } from '../../rule-set/load-options.js'
import { checkReport } from './check-report.js'
import { loadRules } from '../../load/load-rules.js'
import type { RuleFile } from '../../read/rule-file.js'
import { UsageError } from '../../../../infra/process/errors.js'
import type { ConditionNote } from '../../compile/bind-operand.js'
import { parseCondition } from '../../language/parser.js'
import { compileCondition } from '../../compile/compile-condition.js'
import { ConditionSyntaxError } from '../../language/tokenizer.js'

/** Answers one request of the batch mode. @throws UsageError for a request without files */
export function answerCheck(request: Readonly<Record<string, unknown>>, load: LoadOptions = {}): object {
  const id = request['id'] ?? null
  const files = requestFiles(request['files'])
  return {
    id,
    ...checkReport(
      loadRules(files, { ...load, ...requestLanguage(request) }),
      files.map((file) => file.name),
    ),
  }
}

function requestFiles(given: unknown): RuleFile[] {
  if (!Array.isArray(given)) throw new UsageError('files: expected a list of {"name","text"}')
  return given.map((file: unknown) => {
    if (typeof file !== 'object' || file === null || !('text' in file) || typeof file.text !== 'string') {
      throw new UsageError('files: expected a list of {"name","text"}')
    }
    return { name: 'name' in file && typeof file.name === 'string' ? file.name : 'rules.yaml', text: file.text }
  })
}

/** Falco where a request names none. @throws UsageError for one that is none */
export function requestLanguage({ format = 'falco' }: Readonly<Record<string, unknown>>): { readonly language: 'falco' | 'sigma' } {
  if (format !== 'falco' && format !== 'sigma') throw new UsageError("format: expected 'falco' or 'sigma'")
  return { language: format }
}

/** Answers one request of the JSON mode. @throws UsageError for a request without a condition */
export function answerParse(request: Readonly<Record<string, unknown>>): object {
  const { condition, level = 'syntax' } = request
  const id = request['id'] ?? null
  if (typeof condition !== 'string') throw new UsageError('condition: expected a string')
  if (level !== 'syntax' && level !== 'compile') throw new UsageError("level: expected 'syntax' or 'compile'")
  const { errors, warnings } = checkCondition(condition, level)
  const notes = warnings.map((warning) => warning.message)
  if (errors.length > 0) return { id, ok: false, error: errors.map(noteText).join('; '), ...(notes.length > 0 ? { warnings: notes } : {}) }
  return { id, ok: true, ...(notes.length > 0 ? { warnings: notes } : {}) }
}

export function checkCondition(condition: string, level: string): { errors: readonly ConditionNote[]; warnings: readonly ConditionNote[] } {
  try {
    const tree = parseCondition(condition)
    return level === 'compile' ? compileCondition(tree) : { errors: [], warnings: [] }
  } catch (error) {
    if (error instanceof ConditionSyntaxError) return { errors: [{ message: error.message, place: error.place }], warnings: [] }
    throw error
  }
}

export function noteText({ message, place }: ConditionNote): string {
  return `${String(place.line)}:${String(place.column)}: ${message}`
}
