// The settings of the schema as a flat list: path, environment variable, kind, bounds in words. All sources and the docs use it.
import { REDIS_URL_PATTERN } from '../redis/redis-url.js'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { CONFIG_SCHEMA } from './config-schema.js'

/** Kind of a setting, for its conversion from text. */
export type SettingKind = 'text' | 'integer' | 'boolean' | 'list' | 'choice'

/** One setting. */
export interface Setting {
  /** Path with dots, as in `kafka.lingerMs`. */
  readonly path: string
  /** Environment variable, as in `EUNOMIA_KAFKA_LINGER_MS`. */
  readonly environment: string
  readonly kind: SettingKind
  /** May be null, which is unset. */
  readonly isOptional: boolean
  /** What is masked: nothing, the whole value, or the password in a URL. */
  readonly secrecy: 'none' | 'whole' | 'url'
  readonly choices: readonly string[]
  readonly defaultValue: unknown
  readonly description: string
  /** Valid values, in words. */
  readonly expectation: string
  isValid(value: unknown): boolean
}

/** A heading with its description: an object of the schema. */
export interface Section {
  readonly path: string
  readonly description: string
  readonly settings: readonly Setting[]
}

interface SchemaFacts {
  readonly type?: string
  readonly properties?: Record<string, TSchema>
  readonly anyOf?: readonly SchemaFacts[]
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly items?: SchemaFacts
  readonly unit?: string
  readonly isPowerOfTwo?: boolean
  readonly secret?: boolean
  readonly secretUrl?: boolean
}

/** All sections in the order of the schema; the first contains the settings without a section. */
export function configSections(): readonly Section[] {
  const found: Section[] = []
  collect('', CONFIG_SCHEMA as TSchema & SchemaFacts, found)
  return found
}

/** All settings in the order of the docs. */
export function configSettings(): readonly Setting[] {
  return configSections().flatMap((section) => section.settings)
}

function collect(path: string, schema: SchemaFacts, found: Section[]): void {
  const entries = Object.entries(schema.properties ?? {}).map(([name, child]) => {
    return { path: path === '' ? name : `${path}.${name}`, child: child as TSchema & SchemaFacts }
  })
  const settings = entries.filter(({ child }) => child.properties === undefined).map((entry) => settingOf(entry.path, entry.child))
  if (settings.length > 0) found.push({ path, description: schema.description ?? '', settings })
  for (const entry of entries) if (entry.child.properties !== undefined) collect(entry.path, entry.child, found)
}

function settingOf(path: string, schema: TSchema & SchemaFacts): Setting {
  const inner = schema.anyOf?.find((variant) => variant.type !== 'null') ?? schema
  return {
    path,
    environment: `EUNOMIA_${path
      .replaceAll('.', '_')
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toUpperCase()}`,
    kind: kindOf(inner),
    isOptional: schema.anyOf?.some((variant) => variant.type === 'null') === true,
    secrecy: schema.secret === true ? 'whole' : schema.secretUrl === true ? 'url' : 'none',
    choices: inner.enum ?? [],
    defaultValue: schema.default,
    description: schema.description ?? '',
    expectation: expectationOf(schema.pattern === undefined ? inner : { ...inner, pattern: schema.pattern }),
    isValid: (value) => Value.Check(schema, value) && (schema.isPowerOfTwo !== true || Number.isInteger(Math.log2(Number(value)))),
  }
}

function kindOf(schema: SchemaFacts): SettingKind {
  if (schema.enum !== undefined) return 'choice'
  if (schema.type === 'integer' || schema.type === 'boolean') return schema.type
  return schema.type === 'array' ? 'list' : 'text'
}

function expectationOf(schema: SchemaFacts): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  if (schema.type === 'boolean') return 'true or false'
  if (schema.type === 'integer') {
    const what = schema.isPowerOfTwo === true ? 'a power of two' : 'a whole number'
    return `${what}, ${String(schema.minimum)} to ${String(schema.maximum)}${schema.unit === undefined ? '' : ` (${schema.unit})`}`
  }
  const form = schema.items?.pattern ?? schema.pattern
  const text = form === undefined ? 'text' : (WORDS_OF_PATTERNS.get(form) ?? `text of the form ${form}`)
  if (schema.type !== 'array') return text
  const least = schema.minItems === undefined ? '' : ', not empty'
  return `a list of ${text}${least}${schema.maxItems === undefined ? '' : `, at most ${String(schema.maxItems)}`}`
}

const WORDS_OF_PATTERNS = new Map([
  ['^[^\\s:]+:\\d{1,5}$|^\\[[0-9a-fA-F:]+\\]:\\d{1,5}$', 'host:port'],
  ['^[A-Za-z0-9._:-]{0,100}$', 'letters, digits, dots, colons, dashes and underscores, at most 100'],
  [
    REDIS_URL_PATTERN,
    'redis://host:port, redis-cluster://host:port,host:port or redis-sentinel://host,host/master-name (or rediss...), without a query (?...) or fragment (#...)',
  ],
  ['^[a-zA-Z0-9._-]{0,100}$', 'letters, digits, dots, dashes and underscores, at most 100'],
  ['^[1-9]\\d{0,9}$', 'whole numbers above 0'],
  ['^[^]{1,255}$', 'texts of 1 to 255 characters'],
  ['^https?://[^?#]*$', 'http:// or https:// and a host, without a query (?...) or fragment (#...)'],
])
