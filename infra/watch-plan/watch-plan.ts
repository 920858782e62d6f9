// The events that a collector must watch: the contract between the rules, which need events, and the probes, which skip the others.
// Compiled from a rule set (processors/rule-engine/plan). Plain data, the same in JSON. It contains only what the probes can apply.

/** Version of the format. A reader refuses others. */
export const WATCH_PLAN_VERSION = 1

/** A watch plan. An event is wanted if any of the watches covers it. */
export interface WatchPlan {
  readonly version: typeof WATCH_PLAN_VERSION
  /** detect: what the rules need. forensic: everything. */
  readonly mode: 'detect' | 'forensic'
  /** Hash of the rule set that the plan was compiled from; null for forensic. */
  readonly ruleSetHash: string | null
  readonly watches: readonly Watch[]
  /** Watch DNS as well, for the names of addresses in network events. */
  readonly dnsNames: boolean
}

/** Topics whose events are selected. Forks, execs and exits are always watched, because they identify the process and container of an event. */
export type WatchTopic = 'process' | 'file' | 'network' | 'kernel'

/** Wanted events: those that meet every condition. null means no condition. */
export interface Watch {
  readonly topic: WatchTopic
  /** Types as in `evt.type`. */
  readonly eventTypes: readonly string[]
  /** Only calls with this result. */
  readonly outcome: 'succeeded' | 'failed' | null
  /** Only opens with at least one of these. */
  readonly intents: readonly OpenIntent[] | null
  /** Only files with one of these paths. */
  readonly paths: readonly PathPattern[] | null
  /** Only opens whose path argument, as given to the call, is one of these. */
  readonly givenPaths: readonly PathPattern[] | null
  /** Only calls that came into the kernel by one of these routes. The probes report every watched call of the x32 ABI. */
  readonly routes: readonly Route[] | null
  /** Ids of the rules that need the watch. */
  readonly rules: readonly string[]
}

/** What an open is for. created: the file did not exist before. setId: nor did it, and it has a set-user-id or set-group-id bit. */
export const OPEN_INTENTS = ['read', 'write', 'created', 'setId'] as const
export type OpenIntent = (typeof OPEN_INTENTS)[number]

// @see include/uapi/linux/stat.h, include/uapi/asm-generic/fcntl.h
const S_ISUID = 0o4000
const S_ISGID_AND_S_IXGRP = 0o2010
const O_CREAT = 0o100
const O_TMPFILE_ONLY = 0o20000000

/**
 * Whether a successful open is of the intent setId, as way_of_open() in bpf/file/open.bpf.h. Without a right to execute, a set-group-id bit gives
 * none. @param isCreated null if the file is not known: then it counts as new
 */
export function opensSetId(flags: number, isCreated: boolean | null, mode: number): boolean {
  const isNew = isCreated === true || (flags & O_TMPFILE_ONLY) !== 0 || (isCreated === null && (flags & O_CREAT) !== 0)
  return isNew && ((mode & S_ISUID) !== 0 || (mode & S_ISGID_AND_S_IXGRP) === S_ISGID_AND_S_IXGRP)
}

/** Ways of a call into the kernel, as in `evt.route`. */
export const ROUTES = ['native', 'compat32', 'x32', 'io_uring', 'fast_open'] as const
export type Route = (typeof ROUTES)[number]

/** A pattern of paths. name: the last component, in any folder. glob: fnmatch(3) without flags, so a star also matches slashes. */
export interface PathPattern {
  readonly kind: 'path' | 'prefix' | 'suffix' | 'part' | 'name' | 'glob'
  /** Compared byte for byte. */
  readonly text: string
  /** ASCII letters match in either case. A path with other letters always matches. */
  readonly ignoresCase?: true
}
