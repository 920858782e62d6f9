// The background of a host: opens, execs, forks and exits of ordinary programs.
import { changeAncestor, factsOf, newDraft, type EventDraft } from './event-draft.js'
import { ORDINARY_IMAGES, ORDINARY_PEERS, ORDINARY_PROGRAMS, type OrdinaryProgram } from './ordinary-programs.js'
import type { Random } from './random.js'

/** Kinds of events of a mixture. */
export type OrdinaryKind = 'file' | 'exec' | 'rest'

const READ_ONLY = 0o2000000
const WRITE_CREATE = 0o101 | 0o2000000

/** A draft of an ordinary event. */
export function ordinaryDraft(kind: OrdinaryKind, random: Random): EventDraft {
  const program = random.pick(ORDINARY_PROGRAMS)
  const draft = newDraft(eventTypeOf(kind, random), program.exePath)
  setProgram(draft, program, random)
  draft.cpu = random.below(4)
  draft.seq = random.between(1, 1_000_000_000)
  draft.bootTimeUs += random.below(3_600_000_000)
  draft.wallTimeUs += random.below(3_600_000_000)
  draft.process.startBootUs = draft.bootTimeUs - random.between(1_000, 80_000_000_000)
  if (kind === 'file') setFile(draft, program, random)
  if (kind === 'rest') setRest(draft, program, random)
  return draft
}

function eventTypeOf(kind: OrdinaryKind, random: Random): string {
  switch (kind) {
    case 'file':
      return random.weighted([
        [90, 'openat'],
        [8, 'open'],
        [2, 'openat2'],
      ])
    case 'exec':
      return random.chance(0.98) ? 'execve' : 'execveat'
    case 'rest':
      return random.weighted([
        [30, 'connect'],
        [15, 'accept4'],
        [5, 'sendto'],
        [15, 'clone'],
        [5, 'clone3'],
        [20, 'procexit'],
        [4, 'unlink'],
        [3, 'rename'],
        [2, 'setuid'],
        [1, 'kill'],
      ])
  }
}

function setProgram(draft: EventDraft, program: OrdinaryProgram, random: Random): void {
  const args = random.pick(program.commandLines).split(' ')
  const pid = random.between(300, 4_000_000)
  const [user, uid] = program.user
  Object.assign(draft.process, {
    name: program.name,
    exePath: program.exePath,
    args,
    ancestors: [],
    pid,
    namespacePid: program.isInContainer ? random.between(1, 400) : pid,
    user,
    uid,
    euid: uid,
    capEffective: 0,
    capPermitted: 0,
    cwd: program.isInContainer ? '/srv' : '/',
    exeInode: String(random.between(1_000, 9_000_000)),
  })
  for (const [at, [name, exePath]] of program.parents.entries()) {
    changeAncestor(draft, at + 1, { name, exe: exePath, exePath, pid: Math.max(1, pid - 10 * (at + 1)) })
  }
  draft.process.parentArgs = [program.parents[0]?.[1] ?? '']
  if (!program.isInContainer) return
  const facts = factsOf(draft)
  facts.imageRepository = random.pick(ORDINARY_IMAGES)
  draft.containerId = (program.name + '0123456789abcdef'.repeat(4)).replace(/[^0-9a-f]/g, 'e').slice(0, 64)
}

function setFile(draft: EventDraft, program: OrdinaryProgram, random: Random): void {
  const isWrite = program.writes.length > 0 && random.chance(0.1)
  draft.path = random.pick(isWrite ? program.writes : program.reads)
  draft.flags = isWrite ? WRITE_CREATE : READ_ONLY
  draft.mode = isWrite ? 0o644 : null
  draft.result = random.chance(0.05) && !isWrite ? -2 : random.between(3, 60)
}

function setRest(draft: EventDraft, program: OrdinaryProgram, random: Random): void {
  const [remoteAddress, remotePort] = random.pick(ORDINARY_PEERS)
  const isServer = draft.eventType.startsWith('accept')
  draft.network = {
    family: remoteAddress.includes(':') ? 10 : 2,
    localAddress: remoteAddress.includes(':') ? 'fd00:8::4' : '10.8.0.4',
    remoteAddress,
    remotePort: isServer ? random.between(32_768, 60_999) : remotePort,
    localPort: isServer ? remotePort : random.between(32_768, 60_999),
    isServer,
    socketId: String(random.between(1, 1_000_000)),
  }
  draft.path = random.pick(program.writes.length > 0 ? program.writes : ['/tmp/build/out.tmp'])
  if (draft.eventType.startsWith('rename')) draft.file = { newPath: `${draft.path}.old` }
  if (draft.eventType === 'setuid') draft.kernel = { uid: draft.process.uid }
  if (draft.eventType === 'kill') draft.kernel = { signal: 15 }
}
