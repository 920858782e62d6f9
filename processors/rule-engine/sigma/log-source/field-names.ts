// Names that Sigma gives to what our records hold, by kind of log source. Read from the same catalogue as the fields of Falco wherever
// both mean the same; Sigma's command line begins with argv[0], Falco's with the command name.
import { field } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import { resolveField } from '../../fields/catalogue.js'
import { recordText } from '../../fields/record/record-text.js'
import type { RuleRecord } from '../../judged-event.js'

/** Names of both kinds: who did it. */
const PROCESS = {
  Image: 'proc.exepath',
  User: 'user.name',
  ProcessId: 'proc.pid',
}

/** Sigma's name to ours. `LogonId` is what Sysmon for Linux writes there: the user id. */
const PROCESS_CREATION = {
  ...PROCESS,
  CommandLine: 'proc.exeline',
  ParentImage: 'proc.pexepath',
  ParentProcessId: 'proc.ppid',
  LogonId: 'user.uid',
}
const FILE_EVENT = { ...PROCESS, TargetFilename: 'fd.name' }

export type SigmaFields = ReadonlyMap<string, FieldDefinition>

export function processCreationFields(): SigmaFields {
  return new Map([
    ...fromCatalogue(PROCESS_CREATION),
    ownField('ParentCommandLine', 'Command line of the parent, its first argument included.', parentCommandLine),
    ownField('CurrentDirectory', 'Working directory.', (event) => recordText(event, 'process.cwd', event.record.process.cwd)),
  ])
}

export function fileEventFields(): SigmaFields {
  return new Map(fromCatalogue(FILE_EVENT))
}

function parentCommandLine(event: RuleRecord): string | undefined {
  const { parentArgs } = event.record.process
  if (parentArgs.length === 0) return undefined
  return parentArgs.map((argument, index) => recordText(event, `process.parentArgs.${String(index)}`, argument)).join(' ')
}

function ownField(name: string, doc: string, read: (event: RuleRecord) => string | undefined): [string, FieldDefinition] {
  return [name, field(name, 'CHARBUF', doc, ({ event }) => read(event), { plurality: 'any' })]
}

function fromCatalogue(names: Readonly<Record<string, string>>): [string, FieldDefinition][] {
  return Object.entries(names).map(([name, ours]) => {
    const resolved = resolveField(ours, null)
    if ('problem' in resolved) throw new TypeError(`field ${name}: ${resolved.problem}`)
    const { definition } = resolved
    const { extract, doc } = definition
    // Sigma compares texts: numbers are compared by the digits that they are written with.
    const asText = extract === null ? null : (...given: Parameters<typeof extract>) => textOf(extract(...given))
    return [name, { ...definition, name, doc, type: 'CHARBUF', plurality: 'any', extract: asText }]
  })
}

function textOf(value: ReturnType<NonNullable<FieldDefinition['extract']>>): ReturnType<NonNullable<FieldDefinition['extract']>> {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : value
}
