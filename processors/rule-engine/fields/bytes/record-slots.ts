// Which fields of a record a scan looks for: all that byte plans read.

/** Paths of fields (`process.name`), by the kind of their value. */
export interface RecordSlots {
  readonly texts: readonly string[]
  /** Numbers, truth values and symbols. */
  readonly numbers: readonly string[]
  readonly lists: readonly string[]
  /** The array of ancestors. */
  readonly ancestors: string
}

/** Texts of each ancestor that a scan looks for. */
export const ANCESTOR_TEXTS = ['name', 'exe', 'exePath', 'program'] as const

/** Of every topic. */
const HEAD = ['type', 'syscall', 'result'] as const
const PROCESS_EVENT_NUMBERS = ['cloneFlags'] as const
const FILE_NUMBERS = ['pathSource', 'route', 'fd', 'flags', 'descriptorType', 'isRead', 'isWrite', 'isCreate', 'isCreated', 'mode'] as const
const SOCKET_NUMBERS = ['family', 'protocol', 'socketType', 'isServer', 'remotePort', 'localPort'] as const
const PROCESS_TEXTS = [
  'process.name',
  'process.exePath',
  'process.program',
  'process.cwd',
  'process.user',
  'process.loginUser',
  'process.cgroupPath',
  'process.containerId',
  'process.containerClaim',
] as const
const PROCESS_NUMBERS = [
  'process.uid',
  'process.gid',
  'process.euid',
  'process.egid',
  'process.loginUid',
  'process.tty',
  'process.pid',
  'process.parentPid',
  'process.sessionId',
  'process.namespacePid',
  'process.isContainerUnknown',
  'process.isExeUpperLayer',
  'process.isExeLowerLayer',
  'process.isExeWritable',
  'process.isExeMemfd',
  'process.exeFlags',
  'process.exeMode',
  'process.stdioNetwork',
  'process.stdin.type',
  'process.stdout.type',
  'process.stderr.type',
] as const

/** What is looked for in records of every topic; a field that a topic does not have is never found. */
export const RECORD_SLOTS = {
  texts: [
    'path',
    'newPath',
    'pathArgument',
    'filename',
    'remoteAddress',
    'localAddress',
    'remoteName',
    'localName',
    ...PROCESS_TEXTS,
    'origin.hostId',
    'origin.bootId',
  ],
  numbers: [...HEAD, ...PROCESS_EVENT_NUMBERS, ...FILE_NUMBERS, ...SOCKET_NUMBERS, ...PROCESS_NUMBERS],
  lists: ['process.args', 'process.parentArgs', 'process.env'],
  ancestors: 'process.ancestors',
} as const satisfies RecordSlots

/** The slot of a text. */
export const textSlot = (path: (typeof RECORD_SLOTS.texts)[number]): number => RECORD_SLOTS.texts.indexOf(path)
/** The slot of a number. */
export const numberSlot = (path: (typeof RECORD_SLOTS.numbers)[number]): number => RECORD_SLOTS.numbers.indexOf(path)
/** The slot of a list. */
export const listSlot = (path: (typeof RECORD_SLOTS.lists)[number]): number => RECORD_SLOTS.lists.indexOf(path)
