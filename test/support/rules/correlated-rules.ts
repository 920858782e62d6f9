// A rule set in which rules feed correlations, one of them through another, and one correlation waits for a rule that can't fire.
import { correlation, load, programRule } from '../correlation/program-rules.js'

const ORDERED = 'type: temporal_ordered, rules: [a, b], group-by: [who], timespan: 5m, aliases: {who: {a: User, b: Image}}'
const FILTER = 'title: Not root\nlogsource: {product: linux}\nfilter: {rules: [a], x: {User: root}, condition: not x}\n'
const windows = programRule('w').replace('product: linux', 'product: windows')
/** Rules a, b and w (Windows), the correlations First a, Often (of First a) and Lame (of a and w), and a filter of a. */
export const CORRELATED_RULES = load(
  programRule('a'),
  programRule('b'),
  windows,
  correlation('First a', ORDERED, 'id: 11-22\nname: first\nlevel: high\ntags: [attack.t1110]\n'),
  correlation('Often', 'type: event_count, rules: [first], timespan: 1h, condition: {gte: 2}'),
  correlation('Lame', 'type: temporal, rules: [a, w], timespan: 1m'),
  FILTER,
)
