// Where the value of a field is in the Avro bytes of a record: a second, declarative form of its extractor, for the fields that most rules read. The
// candidate filter finds values by it without decoding. A field without a plan is read from the decoded record.
import type { RuleTopic } from '../rule-event.js'

/** A value in the bytes. `at` names a field of the record: `process.name`. */
export type BytePlan = TextPlan | NumberPlan

/** A text, or several. */
export type TextPlan =
  /** A text; null is absent. */
  | { readonly kind: 'text'; readonly at: string }
  /** A number as decimal text; null is absent. */
  | { readonly kind: 'numberText'; readonly at: string }
  /** The same value in every record: a text, or absent. `eventType`: the type of the event. */
  | { readonly kind: 'constant'; readonly text: string | null }
  | { readonly kind: 'eventType' }
  /**
   * The path of a file event without `.`, `..` and repeated slashes, unless the kernel made it. own: of any event; descriptor: of one that is about a
   * descriptor, else absent; now: the path that the file has after the call. directory and fileName: the parts of an opened file; given: as the process
   * gave it to an open. changed, source, target and new: of a successful call on one path or two.
   * argument and newArgument: a path of any call, if it is known.
   */
  | {
      readonly kind: 'path'
      readonly which:
        | 'own'
        | 'descriptor'
        | 'now'
        | 'directory'
        | 'fileName'
        | 'given'
        | 'changed'
        | 'source'
        | 'target'
        | 'new'
        | 'argument'
        | 'newArgument'
    }
  /** A path with a slash at its end. */
  | { readonly kind: 'folder'; readonly at: string }
  /** A symbol as text; UNKNOWN is absent. */
  | { readonly kind: 'route' }
  /** What the descriptor of a network event is. */
  | { readonly kind: 'socketKind'; readonly form: 'char' | 'word' | 'family' }
  /** An address of a network event, as bytes; `ip` in a field of either side. */
  | { readonly kind: 'address'; readonly end: SocketEnd | 'either' }
  /** Transport of a network event. */
  | { readonly kind: 'transport' }
  /** A port of a network event as decimal text. */
  | { readonly kind: 'portText'; readonly end: SocketEnd }
  /** Name of an address of a network event. */
  | { readonly kind: 'hostName'; readonly end: SocketEnd }
  /** Paths of a file event in records of the audit system; own: also the program of an exec. */
  | { readonly kind: 'auditPaths'; readonly which: readonly AuditPath[] }
  /** The types of these paths. */
  | { readonly kind: 'auditNameTypes'; readonly which: readonly AuditPath[] }
  /** What an open returned: `f` or `file`, `d` or `directory`. */
  | { readonly kind: 'openedKind'; readonly form: 'char' | 'word' }
  /** An argument of the call, which is the argument of the field: that of the event type. */
  | { readonly kind: 'callArgument' }
  /** What a standard stream of the process leads to. */
  | { readonly kind: 'streamType'; readonly at: 'process.stdin.type' | 'process.stdout.type' | 'process.stderr.type' }
  /** Flags of a new process. */
  | { readonly kind: 'cloneFlags' }
  /** Result of the call: SUCCESS or the name of an error. */
  | { readonly kind: 'resultText' }
  /**
   * An argument of the process; without an index, that of the field. isOfStarted: absent but for a program that was started, as in records of the
   * audit system.
   */
  | { readonly kind: 'argument'; readonly index: number; readonly isOfStarted?: boolean }
  /**
   * Arguments of the process (0) or its parent (1) from an index on, joined with blanks, after the command name or the first argument. An empty
   * part gets no blank, but for an empty command name.
   */
  | {
      readonly kind: 'commandLine'
      readonly generation: 0 | 1
      readonly head: 'none' | 'name' | 'exe'
      readonly from: number
      readonly isOfStarted?: boolean
    }
  /** Every value of the record EXECVE of the audit system; absent but for a program that was started. */
  | { readonly kind: 'execveValues' }
  /** The text for a program that was started; absent for any other event. */
  | { readonly kind: 'ifStarted'; readonly text: string }
  /** A variable of the environment, which is the argument of the field; all of them without an argument. */
  | { readonly kind: 'environment' }
  /** A text of an ancestor: of the parent (1), or of the generation that is the argument of the field, or of all of them (null). An empty `exe` is absent. */
  | { readonly kind: 'ancestor'; readonly of: 'name' | 'exe' | 'exePath'; readonly generation: 1 | null }
  /** Command name and file names of the process (0), its parent (1), or all ancestors (null), each also cut at the length of a command name. */
  | { readonly kind: 'names'; readonly generation: 0 | 1 | null }
  /**
   * What facts of the kernel prove of the program of the process (0), its parent (1), the generation that is the argument of the field, or all
   * ancestors (null): its file name, its file name if it is of the host, or where it comes from.
   */
  | { readonly kind: 'proven'; readonly what: ProvenFact; readonly generation: 0 | 1 | null }
  /** Name of the effective user. */
  | { readonly kind: 'userName' }
  /** What is known of the container: the text on the host, where no fact is needed, or absent; unknown in a container. */
  | { readonly kind: 'onHost'; readonly text: string | null }

/** A fact of a program that is proven, or absent. */
export type ProvenFact = 'program' | 'hostProgram' | 'origin'

/** An end of a socket. */
export type SocketEnd = 'local' | 'remote' | 'client' | 'server'

/** A name in records of the audit system. */
export type AuditPath = 'own' | 'new' | 'parent' | 'newParent'

/** A number or truth value. */
export type NumberPlan =
  /** null is absent, or `whenNull`. */
  | { readonly kind: 'number'; readonly at: string; readonly whenNull?: number }
  /** Not as a text: a truth value. */
  | { readonly kind: 'truth'; readonly at: string }
  /** A property of an open; 0 for any other record. */
  | { readonly kind: 'ofOpen'; readonly at: string }
  /** A fact of the executable: one bit of EXE_FLAGS; absent if nothing is known of it. */
  | { readonly kind: 'exeFlag'; readonly flag: number }
  /** Permissions of the executable. */
  | { readonly kind: 'exeMode' }
  /** Whether an open made a file with a set-user-id or set-group-id bit; 0 for any other record. */
  | { readonly kind: 'openSetsId' }
  /** Number of the descriptor of a file event. */
  | { readonly kind: 'fileDescriptor' }
  /** Number of arguments without the first. */
  | { readonly kind: 'argumentCount' }
  /** A port of a network event. */
  | { readonly kind: 'port'; readonly end: SocketEnd | 'either' }
  /** Result of the call; absent for an event that no call made. isFailure: whether it is negative. */
  | { readonly kind: 'result'; readonly isFailure: boolean }

/** The plan of a field by topic; none where the record must be decoded. */
export type BytePlans = Readonly<Partial<Record<RuleTopic, BytePlan>>>

/** The same plan for every topic. */
export function inEveryTopic(plan: BytePlan): BytePlans {
  return { process: plan, file: plan, network: plan, kernel: plan }
}

/** The plans of a field whose numbers are compared as texts. */
export function textPlans(plans: BytePlans | undefined): BytePlans {
  const texts = Object.entries(plans ?? {}).flatMap(([topic, plan]): [string, BytePlan][] => {
    if (plan.kind === 'number') return plan.whenNull === undefined ? [[topic, { kind: 'numberText', at: plan.at }]] : []
    return NUMBERS.includes(plan.kind) ? [] : [[topic, plan]]
  })
  return Object.fromEntries(texts)
}

const NUMBERS: readonly string[] = [
  'number',
  'truth',
  'ofOpen',
  'openSetsId',
  'exeFlag',
  'exeMode',
  'fileDescriptor',
  'result',
  'argumentCount',
  'port',
] satisfies NumberPlan['kind'][]
