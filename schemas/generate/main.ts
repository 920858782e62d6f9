// `npm run generate`: writes the files that are generated from the schema files and the table of system calls. With --check it only reports
// which of them are stale (exit status 1).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../infra/process/package-root.js'
import { writeOrCheck } from '../../infra/process/generated-files.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { CURRENT_VERSION, RELEASED_VERSION } from '../ids.js'
import { ecsFieldsText } from '../ecs/generate-fields.js'
import { currentSchemas, readSchemaFiles, type SchemaFiles } from '../schema-set.js'
import { callFiles } from './call-files.js'
import { readCallTable, symbolsOf, type CallRow } from './call-table.js'
import { eventsPageOf } from './events-page.js'
import { namedSchemas } from './named-schemas.js'
import { typescriptOf } from './typescript.js'

const SYSCALL = 'eunomia.Syscall'
const SYSCALL_FILE = 'schemas/shared/syscall.avsc'

/** Every generated file by its path below the package root. @throws SchemaInvalidError */
export function generatedFiles(): ReadonlyMap<string, string> {
  const calls = readCallTable()
  const syscall = syscallSchema(calls)
  const files = withSyscall(readSchemaFiles(), syscall)
  const schemas = namedSchemas(files)
  const current = currentSchemas(files)
  // A released version never changes: a change of its schema file needs a new version.
  const versions = [...current.values()].filter(({ topic }) => CURRENT_VERSION[topic] > RELEASED_VERSION[topic])
  return new Map([
    [SYSCALL_FILE, jsonText(syscall)],
    ...callFiles(calls, (topic) => {
      const schema = current.get(topic as TopicKey)?.schema
      if (schema === undefined) throw new Error(`calls.tsv: there is no topic ${topic}`)
      return schema
    }),
    ['schemas/generated/types.ts', typescriptOf(schemas.all)],
    ['schemas/generated/ecs-fields.ts', ecsFieldsText()],
    ['docs/events.md', eventsPageOf(schemas)],
    ...versions.map(({ topic, json }): [string, string] => [
      `schemas/versions/${topic}/${String(CURRENT_VERSION[topic])}.avsc`,
      jsonText(json),
    ]),
  ])
}

/** The file of the enum Syscall with the symbols of the table. */
function syscallSchema(calls: readonly CallRow[]): object {
  const written = JSON.parse(readFileSync(join(packageRoot(), SYSCALL_FILE), 'utf8')) as object
  return { ...written, symbols: ['UNKNOWN', ...symbolsOf(calls).map(({ name }) => name)] }
}

function withSyscall(files: SchemaFiles, syscall: object): SchemaFiles {
  return { ...files, shared: new Map([...files.shared, [SYSCALL, syscall]]) }
}

const jsonText = (json: unknown): string => `${JSON.stringify(json, null, 2)}\n`

if (process.argv[1] === fileURLToPath(import.meta.url)) writeOrCheck(generatedFiles())
