// What `npm run generate` makes: path below the package root, and text.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CURRENT_VERSION, RELEASED_VERSION } from '../ids.js'
import { readSchemaFiles } from '../schema-files.js'
import { currentSchemas } from '../schema-set.js'
import { eventsPageOf } from './events-page.js'
import { namedSchemas } from './named-schemas.js'
import { typescriptOf } from './typescript.js'

/** Every generated file by its path below the package root. @throws SchemaInvalidError */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = readSchemaFiles()
  const schemas = namedSchemas(files)
  // What was released stays as it was stored: a change of the schema files then needs a version of its own.
  const versions = [...currentSchemas(files).values()].filter(({ topic }) => CURRENT_VERSION[topic] > RELEASED_VERSION[topic])
  return new Map([
    ['schemas/generated/types.ts', typescriptOf(schemas.all)],
    ['docs/events.md', eventsPageOf(schemas)],
    ...versions.map(({ topic, json }): [string, string] => [
      `schemas/versions/${topic}/${String(CURRENT_VERSION[topic])}.avsc`,
      `${JSON.stringify(json, null, 2)}\n`,
    ]),
  ])
}

/** Paths of generated files that are missing below `root` or differ from what would be generated now. */
export function staleFiles(root: string): string[] {
  return [...generatedFiles()].filter(([path, text]) => textAt(join(root, path)) !== text).map(([path]) => path)
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
