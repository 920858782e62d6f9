// Values of test files, read strictly: a misspelt key would make a test pass for the wrong reason.
import { UsageError } from '../../../../infra/process/errors.js'
import { nearestName } from '../../../../infra/text/nearest.js'

/** A mapping of a test file, not checked yet. */
export type Json = Readonly<Record<string, unknown>>

/** Where in a test file something stands, for messages: `FILE: RULE: fires 2`. */
export class TestPlace {
  readonly file: string
  readonly #parts: readonly string[]

  constructor(file: string, parts: readonly string[] = []) {
    this.file = file
    this.#parts = parts
  }
  at(part: string): TestPlace {
    return new TestPlace(this.file, [...this.#parts, part])
  }
  fail(message: string): never {
    throw new UsageError([this.file, ...this.#parts, message].join(': '))
  }

  /** @throws UsageError for what is no mapping, or has a key that is none of `known` */
  map(value: unknown, known: readonly string[] | null = null): Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('expected a mapping')
    const map = value as Json
    for (const key of known === null ? [] : Object.keys(map)) {
      if (known === null || known.includes(key)) continue
      const near = nearestName(key, known)
      this.fail(`unknown key '${key}'${near === undefined ? `: expected ${known.join(', ')}` : `; did you mean '${near}'?`}`)
    }
    return map
  }
  list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : this.fail('expected a list')
  }
  text(value: unknown): string {
    return typeof value === 'string' && value !== '' ? value : this.fail('expected a text')
  }
  /** One text or several. */
  texts(value: unknown): readonly string[] {
    return Array.isArray(value) ? (value as unknown[]).map((one) => this.text(one)) : [this.text(value)]
  }
  whole(value: unknown, least: number, most: number): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    return this.fail(`expected a whole number from ${String(least)} to ${String(most)}`)
  }
  /** `90`, `1.5s`, `2m`, as microseconds. */
  span(value: unknown): number {
    const [, number = '', unit = 's'] = /^([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)?$/.exec(String(value)) ?? []
    return number === '' ? this.fail('expected a time as 30s, 5m, 2h') : Math.round(Number(number) * (UNITS[unit] ?? 1e6))
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }
