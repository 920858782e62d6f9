// One technique of an attacker: how it is done here, what must be seen of it, and which rule that ships must alert.

/** Where an attack runs: a container with default rights, a privileged one, root on the host, or uid 65534 on the host. */
export type AttackPlace = 'container' | 'privileged container' | 'host' | 'user'

/** What an event must say. Texts are compared whole, but for `path` and `argument`, of which the end is enough. */
export interface ExpectedEvent {
  /** Name of the system call, or the type of an event that is none. */
  readonly call: string
  readonly path?: string
  /** One argument of the process or of a refused exec. */
  readonly argument?: string
  /** Values of other fields of the record. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** What is documented of the peers: Falco with its three rule files, Tetragon as it is installed. */
export interface PeerBehaviour {
  readonly falco: string
  readonly tetragon: string
}

/** An attack of the catalogue. */
export interface Attack extends PeerBehaviour {
  /** Unique; in the command line of the attack. */
  readonly id: string
  /** Number of ATT&CK. */
  readonly technique: string
  /** What the attacker wants, and by which means. */
  readonly aim: string
  readonly how: string
  readonly place: AttackPlace
  /** Text for `sh -c`. $A is the folder of the programs of test/workloads/attacks, $T an empty folder of its own that everybody may write. */
  readonly command: string
  readonly seen: ExpectedEvent
  /** Rule that must alert; null with the reason why a defender wants none. */
  readonly alert: string | null
  readonly silentBecause?: string
}

/** Attacks of one kind. */
export interface AttackFamily {
  readonly title: string
  readonly attacks: readonly Attack[]
}

/** Falco has a rule for it, under this name. */
export function falcoRule(name: string): string {
  return `rule "${name}"`
}

/** The call is among the events that Falco supports, but no rule of its three files is about it. */
export const FALCO_EVENT_ONLY = 'event, no rule'
/** Falco can match the name of the call, but has none of its arguments, and no rule of its three files is about it. */
export const FALCO_NAME_ONLY = 'name only, no rule'
/** Tetragon reports it without any policy. */
export const TETRAGON_EXEC = 'exec event'

/** Tetragon reports it when a TracingPolicy has this hook. */
export function tetragonPolicy(hook: string): string {
  return `policy on ${hook}`
}
