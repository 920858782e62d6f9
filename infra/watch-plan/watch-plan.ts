// What a collector has to watch: the contract between the rules, which need events, and the probes, which would rather not make them.
// Made from a rule set (processors/rule-engine/plan). Data only; JSON as it stands.

/** Version of the format. A reader refuses others. */
export const WATCH_PLAN_VERSION = 1

/** What is watched. An event is wanted when any of the watches covers it. */
export interface WatchPlan {
  readonly version: typeof WATCH_PLAN_VERSION
  /** detect: what the rules ask for. forensic: everything. */
  readonly mode: 'detect' | 'forensic'
  /** Hash of the rule set that the plan was made of; null for forensic. */
  readonly ruleSetHash: string | null
  readonly watches: readonly Watch[]
  readonly captures: WatchCaptures
}

/** Topics whose events are chosen. Forks, execs and exits are always watched: who did something, and where, is known from them. */
export type WatchTopic = 'process' | 'file' | 'network' | 'kernel'

/** Events that are wanted: those to which every line applies. null says nothing. */
export interface Watch {
  readonly topic: WatchTopic
  /** Types as `evt.type` names them. */
  readonly eventTypes: readonly string[]
  /** Only calls that succeeded, or only those that failed. */
  readonly outcome: 'succeeded' | 'failed' | null
  /** Only on the host, or only within containers. */
  readonly place: 'host' | 'container' | null
  /** Only opens that ask for, or do, at least one of these. */
  readonly intents: readonly OpenIntent[] | null
  /** Only of files at one of these places. */
  readonly paths: readonly PathPattern[] | null
  /** Only opens whose path, as the call gave it, is one of these. */
  readonly givenPaths: readonly PathPattern[] | null
  /** Only by processes with one of these command names. */
  readonly processNames: readonly string[] | null
  /** Rules that the watch is for, by id. */
  readonly rules: readonly string[]
}

/** What an open is for. created: the file was not there before. */
export type OpenIntent = 'read' | 'write' | 'created'

/** A place of files. name: the last component, whatever the folder. glob: fnmatch(3) without flags, so that a star crosses slashes. */
export interface PathPattern {
  readonly kind: 'path' | 'prefix' | 'suffix' | 'part' | 'name' | 'glob'
  /** Compared byte for byte. */
  readonly text: string
  /** ASCII letters of either case are the same. A path with other letters may fit whatever the text. */
  readonly ignoresCase?: true
}

/** What events carry only on demand, since it costs or may hold secrets. */
export interface WatchCaptures {
  /** Names of variables of the environment; `*` for all of them. */
  readonly environment: readonly string[]
  /** First bytes of what is sent and received. */
  readonly payload: boolean
  /** Names of addresses, from answers to DNS questions. */
  readonly dnsNames: boolean
}
