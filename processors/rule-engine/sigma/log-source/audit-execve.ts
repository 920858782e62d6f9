// Records of type EXECVE (the arguments of a started program) and PROCTITLE (the same as one text). `a0` is argv[0].
import { inEveryTopic } from '../../fields/bytes/byte-plan.js'
import { from, type FieldDefinition, type FieldReading } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/rule-event.js'
import { joinedTexts, recordTextAt, recordTexts } from '../../fields/record/record-text.js'
import { EXECS } from './audit-syscall.js'
import { presenceField, type RecordShape } from './log-source.js'
import { ownField, sigmaFields } from './sigma-fields.js'

/** Most arguments that rules can name. */
const MAX_NAMED = 64
const ARGS = 'ProcessEvent.type ProcessEvent.result Process.args'

const LINE = inEveryTopic({ kind: 'commandLine', generation: 0, head: 'none', from: 0, isOfStarted: true })

/** A started program; auditd writes no EXECVE for a refused exec. */
const isStarted = (event: RuleRecord): boolean => event.topic === 'process' && event.record.type === 'exec' && event.record.result >= 0

function argumentField(index: number): FieldDefinition {
  const read = (event: RuleRecord): string | undefined => {
    const text = event.record.process.args[index]
    return text === undefined || !isStarted(event) ? undefined : recordTextAt(event, 'process.args', index, text)
  }
  return ownField(
    `a${String(index)}`,
    `Argument ${String(index)} of the program.`,
    from(ARGS, read, inEveryTopic({ kind: 'argument', index, isOfStarted: true })),
  )
}

function joined(event: RuleRecord): string | undefined {
  return isStarted(event) ? joinedTexts(event, 'process.args', event.record.process.args) : undefined
}

/** Every value of the record, each once. */
function everyValue(event: RuleRecord): string[] | undefined {
  if (!isStarted(event)) return undefined
  const { args } = event.record.process
  const line = joinedTexts(event, 'process.args', args)
  // A single argument is the whole line.
  return ['EXECVE', String(args.length), line, ...(args.length > 1 ? recordTexts(event, 'process.args', args) : [])]
}

function shape(type: string, own: readonly FieldDefinition[], all?: FieldReading): RecordShape {
  const typeField = ownField(
    'type',
    'Type of the record.',
    from(ARGS, (event) => (isStarted(event) ? type : undefined), inEveryTopic({ kind: 'ifStarted', text: type })),
  )
  const known = { type }
  return {
    name: type,
    fields: sigmaFields([typeField, ...own], all),
    presence: presenceField(type, isStarted, inEveryTopic({ kind: 'ifStarted', text: 'yes' })),
    isShared: false,
    together: null,
    eventTypes: () => EXECS,
    known: () => known,
  }
}

/** Keywords can span arguments, which are adjacent in the record. */
export function execve(): RecordShape {
  const argc = ownField(
    'argc',
    'Number of arguments.',
    from(ARGS, (event) => (isStarted(event) ? event.record.process.args.length : undefined)),
  )
  const line = ownField('argv', 'All arguments, joined with blanks.', from(ARGS, joined, LINE))
  return shape(
    'EXECVE',
    [argc, line, ...Array.from({ length: MAX_NAMED }, (_, index) => argumentField(index))],
    from(ARGS, everyValue, inEveryTopic({ kind: 'execveValues' })),
  )
}

/** Records of type PROCTITLE: the command line of a started program. */
export function proctitle(): RecordShape {
  return shape('PROCTITLE', [ownField('proctitle', 'Command line.', from(ARGS, joined, LINE))])
}
