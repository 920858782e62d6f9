// What a process and its ancestors run: by proof of the kernel (`proc.program`, `proc.exe_origin`), for exemptions, and by every name that
// they go by (`proc.names`), for searches. Falco does not have these fields.
import { inEveryTopic, type ProvenFact } from '../bytes/byte-plan.js'
import { ANCESTORS, field, from, type FieldDefinition, type FieldReading } from '../field.js'
import type { FieldValue } from '../field-value.js'
import type { RuleRecord } from '../rule-event.js'
import { namesOf, ofAncestors, programOrigin, provenProgram, scriptOf } from '../process/program-identity.js'
import { EXE_FLAGS } from '../../../../schemas/generated/exe-flags.js'

const IN_CONTAINER = 'Process.containerId Process.containerClaim Process.isContainerUnknown'
const OWN = `${IN_CONTAINER} Process.exeFlags Process.exePath Process.program`
const OF_ANCESTOR = `${IN_CONTAINER} Process.ancestors Ancestor.exeFlags Ancestor.exePath Ancestor.program`
const OWN_NAMES = 'Process.name Process.exePath Process.program Process.args'
const NAMES_OF_ANCESTOR = 'Process.ancestors Ancestor.name Ancestor.exePath Ancestor.program'
const ALONE = { isOwn: true } as const
const OF_EACH = { ...ANCESTORS, isOwn: true } as const
const NAMES = { plurality: 'any', isWithoutRightSide: true, isWithoutTransformer: true, isOwn: true } as const

type Find = (event: RuleRecord, generation: number) => string | undefined

/** A field of the process, its parent and its ancestors. */
function threeFields(name: string, doc: string, what: ProvenFact, find: Find): FieldDefinition[] {
  const ofGeneration = (source: string, generation: 0 | 1): FieldReading =>
    from(source, (event) => find(event, generation), inEveryTopic({ kind: 'proven', what, generation }))
  const ofEach = from(
    `${OWN} ${OF_ANCESTOR}`,
    (event, generation): FieldValue => (typeof generation === 'number' ? find(event, generation) : ofAncestors(event, find)),
    inEveryTopic({ kind: 'proven', what, generation: null }),
  )
  return [
    field(`proc.${name}`, 'CHARBUF', doc, ofGeneration(OWN, 0), ALONE),
    field(`proc.p${name}`, 'CHARBUF', `proc.${name} of the parent.`, ofGeneration(OF_ANCESTOR, 1), ALONE),
    field(`proc.a${name}`, 'CHARBUF', `proc.${name} of an ancestor; without a number, of any ancestor that has one.`, ofEach, OF_EACH),
  ]
}

/** One of EXE_FLAGS, of the process. */
function exeFact(flag: keyof typeof EXE_FLAGS, name: string, doc: string): FieldDefinition {
  const bit = EXE_FLAGS[flag]
  const reading = from(
    'Process.exeFlags',
    (event) => {
      const { exeFlags } = event.record.process
      return (exeFlags & EXE_FLAGS.known) === 0 ? undefined : (exeFlags & bit) !== 0
    },
    inEveryTopic({ kind: 'exeFlag', flag: bit }),
  )
  return field(`proc.${name}`, 'BOOL', doc, reading, ALONE)
}

/** The fields of this group, as lists show them. */
export const PROGRAM_FIELDS: readonly FieldDefinition[] = [
  ...threeFields(
    'exe_origin',
    'Proven origin of the program: host, for a file in a system folder that only the root of the host can change, seen from the root folder of the host; image, for one that came with the image that a runtime of the host mounted for the container and is unchanged. Absent for all others, and if the environment loads other code into it. Scripts have none: only their path as given is known, not their file. A container runtime (runc, crun, lxc-attach) that starts a copy of itself from memory keeps its own. It does not prove what the program was asked to do.',
    'origin',
    programOrigin,
  ),
  ...threeFields(
    'program',
    'File name of the program if proc.exe_origin proves where it comes from; absent for all others. Command names and arguments do not change it.',
    'program',
    (event, generation) => provenProgram(event, generation, 'any'),
  ),
  ...threeFields(
    'host_program',
    'proc.program if its origin is the host; absent for programs of images.',
    'hostProgram',
    (event, generation) => provenProgram(event, generation, 'host'),
  ),
  field(
    'proc.names',
    'CHARBUF',
    'Every name that the process goes by: its command name, the file names of executable, script and first argument, and of what a dynamic linker or busybox was given; each also cut at 15 bytes. The process chooses most of them.',
    from(OWN_NAMES, (event) => namesOf(event, 0), inEveryTopic({ kind: 'names', generation: 0 })),
    NAMES,
  ),
  field(
    'proc.pnames',
    'CHARBUF',
    'Command name of the parent, and the file names of its executable and script; each also cut at 15 bytes.',
    from(NAMES_OF_ANCESTOR, (event) => namesOf(event, 1), inEveryTopic({ kind: 'names', generation: 1 })),
    NAMES,
  ),
  field(
    'proc.anames',
    'CHARBUF',
    'proc.pnames of every ancestor.',
    from(NAMES_OF_ANCESTOR, (event) => ofAncestors(event, namesOf), inEveryTopic({ kind: 'names', generation: null })),
    NAMES,
  ),
  field(
    'proc.script',
    'CHARBUF',
    'Path of the script that the kernel started an interpreter for (#!), as given to execve; absent for other programs, and for what ran before the collector.',
    from('Process.exeFlags Process.program', (event) =>
      (event.record.process.exeFlags & EXE_FLAGS.interpreted) === 0 ? undefined : scriptOf(event, 0),
    ),
    ALONE,
  ),
  field(
    'proc.exe_uid',
    'UINT32',
    'Owner of the executable, in the initial user namespace.',
    from('Process.exeUid', (event) => event.record.process.exeUid ?? undefined),
    ALONE,
  ),
  field(
    'proc.exe_mode',
    'UINT32',
    'Permissions of the executable, as a number: 493 is 0755.',
    from(
      'Process.exeMode',
      (event) => {
        const { exeMode } = event.record.process
        return exeMode === null ? undefined : exeMode & 0o7777
      },
      inEveryTopic({ kind: 'exeMode' }),
    ),
    ALONE,
  ),
  exeFact(
    'steered',
    'is_exe_steered',
    'The environment at exec loads other code into the program, or may: LD_*, PYTHONPATH, PERL5LIB, BASH_ENV and the like. Absent if nothing is known of the executable.',
  ),
  exeFact(
    'shellFile',
    'is_shell_steered',
    'The environment at exec names a file that a shell runs first: BASH_ENV, or ENV with a path or an expression. Absent as proc.is_exe_steered.',
  ),
  exeFact(
    'inMemory',
    'is_exe_in_memory',
    'The executable is on a file system in memory (tmpfs), and no memory file. Absent as proc.is_exe_steered.',
  ),
  exeFact(
    'unlinked',
    'is_exe_unlinked',
    'The executable was in no folder at exec: deleted, or made without a name. Also true for a memory file. Absent as proc.is_exe_steered.',
  ),
]
