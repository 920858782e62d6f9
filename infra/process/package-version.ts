// The version of Eunomia, as package.json says it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package-root.js'

/** Semantic version. */
export function packageVersion(): string {
  const facts: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
  return typeof facts === 'object' && facts !== null && 'version' in facts ? String(facts.version) : 'unknown'
}
