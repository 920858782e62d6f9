// What a collector has to watch: the contract between the rules, which need events, and the probes, which save what no rule needs.
// Compiled from a rule set (processors/rule-engine/plan). Plain data, the same in JSON. It says only what the probes can apply.

/** Version of the format. A reader refuses others. */
export const WATCH_PLAN_VERSION = 1

/** What is watched. An event is wanted if any of the watches covers it. */
export interface WatchPlan {
  readonly version: typeof WATCH_PLAN_VERSION
  /** detect: what the rules ask for. forensic: everything. */
  readonly mode: 'detect' | 'forensic'
  /** Hash of the rule set that the plan was compiled from; null for forensic. */
  readonly ruleSetHash: string | null
  readonly watches: readonly Watch[]
  /** Watch DNS as well, for the names of addresses in network events. */
  readonly dnsNames: boolean
}

/** Topics whose events are selected. Forks, execs and exits are always watched: they say who did something, and where. */
export type WatchTopic = 'process' | 'file' | 'network' | 'kernel'

/** Wanted events: those that meet every condition. null is no condition. */
export interface Watch {
  readonly topic: WatchTopic
  /** Types as `evt.type` names them. */
  readonly eventTypes: readonly string[]
  /** Only calls that succeeded, or only those that failed. */
  readonly outcome: 'succeeded' | 'failed' | null
  /** Only opens that ask for, or do, at least one of these. */
  readonly intents: readonly OpenIntent[] | null
  /** Only of files with one of these paths. */
  readonly paths: readonly PathPattern[] | null
  /** Only opens whose path, as the call passed it, is one of these. */
  readonly givenPaths: readonly PathPattern[] | null
  /** Ids of the rules that need the watch. */
  readonly rules: readonly string[]
}

/** What an open is for. created: the file was not there before. */
export type OpenIntent = 'read' | 'write' | 'created'

/** A pattern of paths. name: the last component, in any folder. glob: fnmatch(3) without flags, so that a star matches slashes. */
export interface PathPattern {
  readonly kind: 'path' | 'prefix' | 'suffix' | 'part' | 'name' | 'glob'
  /** Compared byte for byte. */
  readonly text: string
  /** ASCII letters match in either case. A path with other letters always matches. */
  readonly ignoresCase?: true
}
