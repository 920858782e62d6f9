// Reads one `rule` item of a file: a definition, an update of an earlier rule (append, override), or a switch of one (enabled).
import type { RuleDefinition, RuleProperties, RuleUpdate } from './definitions.js'
import { readExceptions } from './exceptions.js'
import { APPEND_IS_DEPRECATED, OVERRIDE_AND_APPEND, checkOverriddenKeys, readOverrides, type ItemReader } from './item-reader.js'
import type { LoadError } from '../read/diagnostics.js'
import { FollowOnError, type LoadReport } from '../read/load-report.js'
import { parsePriority, type RulePriority } from '../rule-set/priority.js'

/** The operation of an item. */
export type RuleItem =
  /** mistake: in a property that has a placeholder now, so that mistakes in the other properties are reported, too. */
  | { readonly kind: 'define'; readonly rule: RuleDefinition; readonly mistake: LoadError | null }
  | { readonly kind: 'append' | 'replace'; readonly update: RuleUpdate }
  | { readonly kind: 'enable'; readonly update: RuleUpdate }

const APPENDABLE = ['condition', 'output', 'desc', 'tags', 'exceptions']
const REPLACEABLE = [...APPENDABLE, 'priority', 'enabled', 'warn_evttypes', 'skip-if-unknown-filter', 'capture', 'capture_duration']
const KEYS = ['rule', 'source', 'append', 'override', 'capture_events', 'capture_filesize', ...REPLACEABLE]
const NAMED_BY_DEFINITION = ['condition', 'output', 'desc', 'priority']
const ENABLED_IS_DEPRECATED =
  "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace')."

/** @returns one or two operations: an override can append and replace at once */
export function readRule(item: ItemReader, name: string, report: LoadReport): RuleItem[] {
  item.warnUnknownKeys(KEYS, report, 'rule')
  const isAppend = item.optionalBoolean('append') === true
  if (isAppend) report.warn('LOAD_DEPRECATED_ITEM', APPEND_IS_DEPRECATED, name, item.placeOf('append'))
  const overrides = readOverrides(item, APPENDABLE, REPLACEABLE)
  if (isAppend && overrides !== null) item.fail(OVERRIDE_AND_APPEND, item.placeOf('override'))
  const update = (keys: Iterable<string>, addsValues: boolean): RuleUpdate => ({
    name,
    place: item.place,
    source: readSourceOfUpdate(item),
    properties: readProperties(item, new Set(keys), addsValues, report),
  })
  if (overrides !== null) {
    checkOverriddenKeys(item, overrides, REPLACEABLE)
    const steps: RuleItem[] = []
    if (overrides.append.size > 0) steps.push({ kind: 'append', update: update(overrides.append, true) })
    if (overrides.replace.size > 0) steps.push({ kind: 'replace', update: update(overrides.replace, false) })
    return steps
  }
  if (isAppend) {
    return [
      {
        kind: 'append',
        update: update(
          ['condition', 'exceptions'].filter((key) => item.has(key)),
          true,
        ),
      },
    ]
  }
  if (!NAMED_BY_DEFINITION.some((key) => item.has(key))) {
    if (!item.has('enabled')) item.fail("Item has no mapping for key 'enabled'")
    report.warn('LOAD_DEPRECATED_ITEM', ENABLED_IS_DEPRECATED, name, item.placeOf('enabled'))
    return [{ kind: 'enable', update: update(['enabled'], false) }]
  }
  return [readDefinition(item, name, report)]
}

/** @throws FollowOnError if there is nothing to compile; the mistakes are reported */
function readDefinition(item: ItemReader, name: string, report: LoadReport): RuleItem & { kind: 'define' } {
  // A mistake in one property must not hide those in the others. The rule is excluded anyway, so a placeholder is enough.
  let mistake: LoadError | null = null
  const orElse = <T>(standIn: T, read: () => T): T => {
    let value = standIn
    const failure = report.failureOf(() => (value = read()))
    mistake ??= failure
    return value
  }
  const condition = orElse(null, () => item.text('condition'))
  const output = orElse(null, () => item.text('output'))
  const rule = {
    name,
    place: item.place,
    source: orElse('syscall', () => item.optionalText('source')?.text ?? 'syscall'),
    desc: orElse('', () => item.text('desc').text),
    priority: orElse<RulePriority>('debug', () => readPriority(item)),
    tags: orElse<string[]>([], () => (item.has('tags') ? unique(item.texts('tags')) : [])),
    exceptions: orElse<RuleProperties['exceptions']>([], () => readExceptions(item, false, report)),
    enabled: orElse(true, () => item.optionalBoolean('enabled') ?? true),
    warnEventTypes: orElse(true, () => item.optionalBoolean('warn_evttypes') ?? true),
    skipIfUnknownFilter: orElse(false, () => item.optionalBoolean('skip-if-unknown-filter') ?? false),
    capture: orElse(false, () => item.optionalBoolean('capture') ?? false),
    captureDuration: orElse(0, () => item.optionalNumber('capture_duration') ?? 0),
  }
  if (mistake !== null && (condition === null || output === null)) throw new FollowOnError(mistake)
  if (condition === null || output === null) throw new TypeError('a rule without condition or output has a mistake')
  return { kind: 'define', rule: { ...rule, condition, output: { text: output.text.trim(), places: output.places } }, mistake }
}

function readPriority(item: ItemReader): RulePriority {
  const { text, places } = item.text('priority')
  return parsePriority(text) ?? item.fail(`Invalid priority '${text}'`, places.start)
}

function readSourceOfUpdate(item: ItemReader): string | null {
  const node = item.get('source')
  const isEmpty = node === undefined || node.kind === 'null' || (node.kind === 'scalar' && node.text === '')
  return isEmpty ? null : item.text('source').text
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function readProperties(item: ItemReader, keys: ReadonlySet<string>, addsValues: boolean, report: LoadReport): Partial<RuleProperties> {
  const properties: Partial<Mutable<RuleProperties>> = {}
  const set = <Key extends keyof RuleProperties>(name: Key, value: RuleProperties[Key] | undefined): void => {
    if (value !== undefined) properties[name] = value
  }
  if (keys.has('condition')) set('condition', item.text('condition'))
  if (keys.has('output')) set('output', item.text('output'))
  if (keys.has('desc')) set('desc', item.text('desc').text)
  if (keys.has('tags')) set('tags', unique(item.texts('tags')))
  if (keys.has('exceptions')) set('exceptions', readExceptions(item, addsValues, report))
  if (keys.has('priority')) set('priority', readPriority(item))
  if (keys.has('enabled')) set('enabled', item.optionalBoolean('enabled'))
  if (keys.has('warn_evttypes')) set('warnEventTypes', item.optionalBoolean('warn_evttypes'))
  if (keys.has('skip-if-unknown-filter')) set('skipIfUnknownFilter', item.optionalBoolean('skip-if-unknown-filter'))
  if (keys.has('capture')) set('capture', item.optionalBoolean('capture'))
  if (keys.has('capture_duration')) set('captureDuration', item.optionalNumber('capture_duration'))
  return properties
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
