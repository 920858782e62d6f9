// What rules need of a record, as SQL over the columns of the archive. It may be true too often, never false for a record that a rule matches: what no
// column decides counts as true, and so does a record that could not be read, whose columns are null.
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import { settleEventType, type TypeVerdict, verdictsOfType } from '../../rule-engine/analysis/event-types.js'
import { OperandNames } from '../../rule-engine/compiled/operand-names.js'
import { type Row, rowsOf } from '../../rule-engine/compiled/normal-form.js'
import type { RuleTopic } from '../../rule-engine/fields/rule-event.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import type { RuleSet } from '../../rule-engine/rule-set/rule-set.js'
import { requirementSql } from './requirement-sql.js'
import { anyOf, listSql } from './sql-text.js'

/** With a longer one, the filter on the bytes of records is faster than the database. */
const MOST_CHARACTERS = 6_000
/** Types of records whose name is that of the event, whatever call they name. */
const NAMED_BY_TYPE: readonly string[] = ['exit', 'dns', 'close', 'signal', 'oom_kill', 'drop', 'io_uring']

/** By topic; a topic without one is read whole. */
export function pushedDown(ruleSet: RuleSet, topics: readonly RuleTopic[]): Partial<Record<RuleTopic, string>> {
  const where: Partial<Record<RuleTopic, string>> = {}
  for (const topic of topics) {
    const sql = topicSql(ruleSet.activeRules, topic)
    if (sql !== null) where[topic] = `"type" IS NULL OR ${sql}`
  }
  return where
}

/** SQL that is true for each readable record of the topic that one of the rules may match; null if that is every record. */
export function topicSql(rules: readonly CompiledRule[], topic: RuleTopic): string | null {
  const alternatives = new Set<string>()
  for (const rule of rules) {
    const sql = ruleSql(rule, topic)
    if (sql === null) return null
    if (sql !== 'false') alternatives.add(sql)
  }
  const sql = anyOf([...alternatives])
  return sql.length > MOST_CHARACTERS ? null : sql
}

function ruleSql({ eventTypes, scope, condition }: CompiledRule, topic: RuleTopic): string | null {
  const kinds = Object.entries(RECORD_KINDS[topic])
  const types = eventTypes.filter((type) => kinds.some(([, of]) => of.includes(type)))
  if (types.length === 0) return 'false'
  const verdictOf = verdictsOfTypes(types)
  const conditions = [condition, ...(scope === null ? [] : [scope])].map((each) => settleEventType(each, verdictOf))
  const rows = rowsOf(conditions, new OperandNames()).map((row) => rowSql(row, topic))
  const isAnyRow = rows.includes(null)
  const isAnyType = kinds.every(([, of]) => of.every((type) => types.includes(type)))
  if (isAnyRow && isAnyType) return null
  const found = anyOf(rows.filter((sql) => sql !== null))
  if (isAnyRow) return typesSql(types, kinds)
  return isAnyType ? found : `(${typesSql(types, kinds)} AND ${found})`
}

/** Of a check on the type: whether it holds for all of the types, or for none. */
function verdictsOfTypes(types: readonly string[]): TypeVerdict {
  const each = types.map(verdictsOfType)
  return (check) => {
    const verdicts = new Set(each.map((verdictOf) => verdictOf(check)))
    const [only = null] = verdicts
    return verdicts.size === 1 ? only : null
  }
}

function typesSql(types: readonly string[], kinds: readonly (readonly [kind: string, of: readonly string[]])[]): string {
  const of = kinds.filter(([, names]) => names.some((type) => types.includes(type))).map(([kind]) => kind)
  const byType = of.filter((kind) => NAMED_BY_TYPE.includes(kind))
  return anyOf([
    `syscall IN ${listSql(types)}`,
    `((syscall IS NULL OR syscall = 'UNKNOWN') AND "type" IN ${listSql(of)})`,
    ...(byType.length === 0 ? [] : [`"type" IN ${listSql(byType)}`]),
  ])
}

/** null for a row that may hold for any record. */
function rowSql({ required }: Row, topic: RuleTopic): string | null {
  const needs = required.map((requirement) => requirementSql(requirement, topic)).filter((sql) => sql !== null)
  return needs.length === 0 ? null : `(${needs.join(' AND ')})`
}
