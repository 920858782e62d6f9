// `proc.*` fields of the process, its ancestors, and the leaders of its session and process group.
import { inEveryTopic, type BytePlan, type BytePlans } from '../bytes/byte-plan.js'
import { ANCESTORS, field, from, missing, type FieldDefinition, type FieldReading } from '../field.js'
import { processValue } from '../record/record-readings.js'
import {
  ancestorValues,
  leaderSource,
  leaderValue,
  lineageValue,
  LINEAGE_SOURCE,
  loginShellPid,
  type LeaderOf,
  type LineageProperty,
  type PropertyOfEach,
} from '../process/process-lineage.js'

const OWN_BYTES: Readonly<Record<LineageProperty, BytePlan>> = {
  name: { kind: 'text', at: 'process.name' },
  exe: { kind: 'argument', index: 0 },
  exePath: { kind: 'text', at: 'process.exePath' },
  arguments: { kind: 'commandLine', generation: 0, head: 'none', from: 1 },
  commandLine: { kind: 'commandLine', generation: 0, head: 'name', from: 1 },
  pid: { kind: 'number', at: 'process.pid' },
}

/** @param generation the parent, or all ancestors without an argument */
function ancestorBytes(property: LineageProperty, generation: 1 | null): BytePlans {
  if (property === 'name' || property === 'exe' || property === 'exePath')
    return inEveryTopic({ kind: 'ancestor', of: property, generation })
  if (property !== 'commandLine' || generation === null) return {}
  return inEveryTopic({ kind: 'commandLine', generation, head: 'name', from: 1 })
}

const own = (property: LineageProperty): FieldReading =>
  from(LINEAGE_SOURCE.own(property), (event) => lineageValue(event, 0, property), inEveryTopic(OWN_BYTES[property]))
const parent = (property: LineageProperty): FieldReading =>
  from(LINEAGE_SOURCE.ancestor(property), (event) => lineageValue(event, 1, property), ancestorBytes(property, 1))
const ancestor = (property: LineageProperty): FieldReading =>
  from(
    LINEAGE_SOURCE.any(property),
    (event, generation) => (typeof generation === 'number' ? lineageValue(event, generation, property) : ancestorValues(event, property)),
    ancestorBytes(property, null),
  )
const leader = (of: LeaderOf, property: PropertyOfEach): FieldReading =>
  from(leaderSource(of, property), (event) => leaderValue(event, of, property))

/** The fields of this group, as lists show them. */
export const LINEAGE_FIELDS: readonly FieldDefinition[] = [
  field('proc.name', 'CHARBUF', 'Command name, at most 15 bytes.', own('name')),
  field('proc.pname', 'CHARBUF', 'Command name of the parent.', parent('name')),
  field('proc.aname', 'CHARBUF', 'Command name of an ancestor; without a number, of any ancestor.', ancestor('name'), ANCESTORS),
  field('proc.exe', 'CHARBUF', 'First argument (argv[0]).', own('exe')),
  field('proc.pexe', 'CHARBUF', 'First argument of the parent.', parent('exe')),
  field('proc.aexe', 'CHARBUF', 'First argument of an ancestor; without a number, of any ancestor.', ancestor('exe'), ANCESTORS),
  field('proc.exepath', 'CHARBUF', 'Path of the executable.', own('exePath')),
  field('proc.pexepath', 'CHARBUF', 'Path of the executable of the parent.', parent('exePath')),
  field(
    'proc.aexepath',
    'CHARBUF',
    'Path of the executable of an ancestor; without a number, of any ancestor.',
    ancestor('exePath'),
    ANCESTORS,
  ),
  field(
    'proc.aargs',
    'CHARBUF',
    'Arguments without the first of the process [0] or its parent [1]; without a number, of the parent.',
    ancestor('arguments'),
    ANCESTORS,
  ),
  field('proc.cmdline', 'CHARBUF', 'proc.name and proc.args.', own('commandLine')),
  field('proc.pcmdline', 'CHARBUF', 'Command line of the parent.', parent('commandLine')),
  field(
    'proc.acmdline',
    'CHARBUF',
    'Command line of the process [0] or its parent [1]; without a number, of the parent.',
    ancestor('commandLine'),
    ANCESTORS,
  ),
  field('proc.pid', 'INT64', 'Process id.', own('pid')),
  field('proc.ppid', 'INT64', 'Process id of the parent.', processValue('parentPid')),
  field('proc.apid', 'INT64', 'Process id of an ancestor; without a number, of any ancestor.', ancestor('pid'), ANCESTORS),
  field(
    'proc.loginshellid',
    'INT64',
    'Process id of the oldest shell of the line: of the process or ancestor whose name ends with sh.',
    from('Process.name Process.pid Process.ancestors Ancestor.name Ancestor.pid', loginShellPid),
  ),
  field('proc.sname', 'CHARBUF', 'Command name of the session leader.', leader('session', 'name')),
  field('proc.sid.exe', 'CHARBUF', 'First argument of the session leader.', leader('session', 'exe')),
  field('proc.sid.exepath', 'CHARBUF', 'Path of the executable of the session leader.', leader('session', 'exePath')),
  ...['proc.pgid', 'proc.vpgid'].flatMap((name) => [
    field(`${name}.name`, 'CHARBUF', 'Command name of the process group leader.', leader('processGroup', 'name')),
    field(`${name}.exe`, 'CHARBUF', 'First argument of the process group leader.', leader('processGroup', 'exe')),
    field(`${name}.exepath`, 'CHARBUF', 'Path of the executable of the process group leader.', leader('processGroup', 'exePath')),
  ]),
  missing('proc.aenv', 'CHARBUF', 'Environment of ancestors.', 'the environment of ancestors does not travel with an event', {
    ...ANCESTORS,
    argument: 'key',
  }),
]
