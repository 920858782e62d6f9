// The .avsc files on disk: the record of each topic, and the shared types that records refer to by a bare name.
// Knows folders and JSON; what a schema means is schema-model.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { packageRoot } from '../infra/process/package-root.js'
import { messageOf } from '../infra/process/errors.js'
import { fullNameOf } from './tree/schema-model.js'
import { SchemaInvalidError } from './tree/schema-parser.js'

/** Namespace of all our records. */
export const NAMESPACE = 'eunomia'

/** The JSON of all schema files. */
export interface SchemaFiles {
  /** By stem of the file, in bytewise order: `process` for process.avsc. */
  readonly records: ReadonlyMap<string, unknown>
  /** By full name: `eunomia.Process` for the record in shared/process.avsc. */
  readonly shared: ReadonlyMap<string, unknown>
}

/**
 * Reads the schema files.
 * @param folder folder of the .avsc files; the one of this package by default
 * @throws SchemaInvalidError for a file that is not JSON
 */
export function readSchemaFiles(folder: string = join(packageRoot(), 'schemas')): SchemaFiles {
  const shared = new Map<string, unknown>()
  for (const json of readFolder(join(folder, 'shared')).values()) shared.set(nameIn(json), json)
  return { records: readFolder(folder), shared }
}

/** Reads one schema file. @throws SchemaInvalidError */
export function readSchemaFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (error) {
    throw new SchemaInvalidError(`${path}: ${messageOf(error)}`, { cause: error })
  }
}

function readFolder(folder: string): Map<string, unknown> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.avsc'))
  return new Map(names.sort().map((name) => [basename(name, '.avsc'), readSchemaFile(join(folder, name))]))
}

function nameIn(json: unknown): string {
  const { name, namespace } = json as { name?: unknown; namespace?: unknown }
  if (typeof name !== 'string') throw new SchemaInvalidError('a shared schema has no name')
  return fullNameOf(name, typeof namespace === 'string' ? namespace : NAMESPACE)
}
