// Filters in the kernel: what they leave out, what they never leave out, that each is counted, and that a change loses nothing.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { cpus } from 'node:os'
import { join } from 'node:path'
import {
  FILTER_NUMBERS,
  KIND,
  OPEN_WAY,
  OPEN_WAYS,
  SOCKET_EVENT,
  SOCKET_FACTS,
  TICKET_OF_ARGUMENT,
} from '../../../native/generated/layout.js'
import {
  type FilterNumber,
  type KernelFilterName,
  type KernelFilters,
  NO_FILTERS,
  type OpenChoice,
} from '../../../native/kernel-control.js'
import type { KernelSession } from '../../../native/rings.js'
import { Random } from '../../support/generator/random.js'
import { makeCgroup, type CgroupFolder } from './cgroup-folder.js'
import { drain, openOf, ticketOf, type KernelRecord } from './kernel-records.js'
import { discard, openSession, totalOf } from './watch.js'
import { Workloads } from './workload.js'

const CONNECT = 23
const UID = 4711

describe('filters in the kernel', () => {
  const workloads = new Workloads()
  let session: KernelSession
  let cgroup: CgroupFolder
  /** Verdicts of one test say nothing to the next. */
  let pathRevision = 0
  let dropped = 0
  let earlier: ReturnType<KernelSession['suppressions']>

  // One session for all: loading the programs takes longer than most tests.
  before(() => (session = openSession()))
  beforeEach(() => {
    pathRevision++
    session.setFilters(NO_FILTERS)
    discard(session)
    dropped = totalOf(session, 'dropped')
    earlier = session.suppressions()
    cgroup = makeCgroup()
  })
  afterEach(() => cgroup.remove())
  after(() => {
    session.close()
    workloads.close()
  })

  const filter = (filters: Partial<KernelFilters>): void => session.setFilters({ ...NO_FILTERS, pathRevision, ...filters })
  const number = (name: FilterNumber['filter'], value: bigint, mode: FilterNumber['mode']): FilterNumber => ({
    filter: name,
    number: value,
    mode,
  })
  const suppressed = (name: KernelFilterName, kind: number): number =>
    (session.suppressions()[name][kind] ?? 0) - (earlier[name][kind] ?? 0)
  const all = (): KernelRecord[] => [...drain(session.rings[0]), ...drain(session.rings[1])]
  const ofCgroup = (records: readonly KernelRecord[]): KernelRecord[] => records.filter(({ cgroupId }) => cgroupId === cgroup.id)
  const opensOf = (records: readonly KernelRecord[]) => records.filter(({ kind }) => kind === KIND.open)
  const folderOf = (name: string): string => {
    const folder = join(workloads.folder, name)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    return folder
  }
  const fileOf = (folder: string, name: string): string => {
    writeFileSync(join(folder, name), 'x')
    return join(folder, name)
  }
  const openAll = (...paths: readonly string[]): void => {
    workloads.run('open-path', [cgroup.procs, '-', ...paths])
  }

  it('report only calls of one process, and count the others', () => {
    filter({ numbers: [number('process', BigInt(process.pid), 'only')], only: new Set(['process']) })
    openAll('/etc/hostname', '/etc/hosts', '/etc/passwd')
    readFileSync('/etc/hostname')
    const records = all()
    assert.deepEqual(opensOf(ofCgroup(records)), [])
    assert(opensOf(records).some(({ pid }) => pid === process.pid))
    assert(suppressed('process', KIND.open) >= 3)
  })

  it('leave one user out', () => {
    filter({ numbers: [number('user', BigInt(UID), 'except')] })
    for (const uid of [UID, UID + 1]) {
      spawnSync('/bin/sh', ['-c', `echo 0 > "$0" && exec setpriv --reuid ${uid} --clear-groups cat /etc/hostname`, cgroup.procs])
    }
    const users = new Set(opensOf(ofCgroup(all())).map(({ ids }) => ids[0]))
    assert.deepEqual([users.has(UID), users.has(UID + 1)], [false, true])
    assert(suppressed('user', KIND.open) > 0)
  })

  it('leave a cgroup out, except its processes: fork, exec and exit', () => {
    filter({ numbers: [number('cgroup', cgroup.id, 'except')] })
    workloads.run('execs', [cgroup.procs, '23'])
    const kinds = ofCgroup(all()).map(({ kind }) => kind)
    assert.equal(kinds.filter((kind) => kind === KIND.exec).length, 23)
    assert.deepEqual(new Set(kinds), new Set([KIND.cgroupMkdir, KIND.fork, KIND.exec, KIND.exit]))
  })

  it('leave a cgroup out from one call on, and report it again from another', () => {
    const path = fileOf(folderOf('switched'), 'file')
    openAll(path)
    filter({ numbers: [number('cgroup', cgroup.id, 'except')] })
    for (let i = 0; i < 7; i++) openAll(path)
    assert.equal(suppressed('cgroup', KIND.open), 7)
    filter({})
    openAll(path)
    assert.equal(opensOf(ofCgroup(all())).length, 2)
  })

  it('leave a port out at the end of the server only: a client may choose any for its own', async () => {
    const [server, other] = await Promise.all([listening(), listening()])
    const source = other.port
    other.close()
    const target = String(server.port)
    filter({ numbers: [number('port', BigInt(source), 'except')] })
    workloads.run('attacks/source-port', [cgroup.procs, String(source), target])
    const kinds = new Set(ofCgroup(all()).map(({ kind }) => kind))
    assert.deepEqual([kinds.has(CONNECT), kinds.has(KIND.send), kinds.has(KIND.bind)], [true, true, false])
    filter({ numbers: [number('port', BigInt(server.port), 'except')] })
    workloads.run('attacks/source-port', [cgroup.procs, String(source), target])
    server.close()
    const left = new Set(ofCgroup(all()).map(({ kind }) => kind))
    assert.deepEqual([left.has(CONNECT), left.has(KIND.send), left.has(KIND.bind)], [false, false, true])
  })

  it('leave a port out at the end that is named, and report only such ports', async () => {
    const [server, other] = await Promise.all([listening(), listening()])
    const [source, target] = [other.port, server.port]
    other.close()
    const isReported = (end: FilterNumber['filter'], port: number, mode: FilterNumber['mode']): boolean => {
      filter({ numbers: [number(end, BigInt(port), mode)], only: new Set(mode === 'only' ? [end] : []) })
      workloads.run('attacks/source-port', [cgroup.procs, String(source), String(target)])
      return ofCgroup(all()).some(({ kind }) => kind === CONNECT)
    }
    for (const [end, ofSource, ofTarget] of [
      ['localPort', true, false],
      ['remotePort', false, true],
      ['anyPort', true, true],
    ] as const) {
      const found = (['except', 'only'] as const).map((mode) => [source, target, 1].map((port) => isReported(end, port, mode)))
      assert.deepEqual(
        found,
        [
          [!ofSource, !ofTarget, true],
          [ofSource, ofTarget, false],
        ],
        end,
      )
    }
    server.close()
    assert(suppressed('port', CONNECT) >= 8)
  })

  it('leave a port out with all connections to it', async () => {
    const [first, second] = await Promise.all([listening(), listening()])
    filter({ numbers: [number('port', BigInt(first.port), 'except')] })
    for (const { port } of [first, second, first, second, second]) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
    }
    first.close()
    second.close()
    const ports = all().flatMap((record) =>
      record.kind === CONNECT && record.pid === process.pid ? record.bytes.readUInt16LE(SOCKET_EVENT.facts + SOCKET_FACTS.remotePort) : [],
    )
    assert.deepEqual(
      ports.filter((port) => port === first.port || port === second.port).filter((port, index, list) => port !== list[index - 1]),
      [second.port],
    )
    assert(suppressed('port', CONNECT) >= 2)
  })

  it('report failures only, or successes only', () => {
    const folder = folderOf('outcomes')
    fileOf(folder, 'present')
    const withoutOpen = new Set([...Array(64).keys()].filter((kind) => kind !== KIND.open))
    for (const [filters, expected] of [
      [{ succeeded: withoutOpen }, 5],
      [{ failed: withoutOpen }, 8],
    ] as const) {
      filter(filters)
      workloads.run('opens', [cgroup.procs, folder])
      const results = opensOf(ofCgroup(all())).map(({ result }) => result)
      assert.equal(results.length, expected)
      assert(results.every((result) => result < 0 === 'succeeded' in filters))
      rmSync(join(folder, 'made'), { force: true })
    }
    assert(suppressed('outcome', KIND.open) >= 13)
  })

  const only = (bit: number): OpenChoice[] => [...Array(OPEN_WAYS).keys()].map((way) => ((way & bit) === 0 ? 'leftOut' : 'emitted'))

  it('report opens by what they are for', () => {
    const folder = folderOf('intents')
    fileOf(folder, 'present')
    // opens.c: present r, present w, made w and made, made w, made2 rw and made, made3 w and made, then four that fail, two by handle and without an argument,
    // which are always reported, and a tmpfile rw
    filter({ opened: only(OPEN_WAY.created), openFailed: Array<'leftOut'>(OPEN_WAYS).fill('leftOut') })
    workloads.run('opens', [cgroup.procs, folder])
    assert.deepEqual(
      opensOf(ofCgroup(all())).map((record) => openOf(record).argument),
      ['made', 'made2', 'made3', '', ''],
    )
    filter({ opened: only(OPEN_WAY.write) })
    workloads.run('opens', [cgroup.procs, folder])
    const opens = opensOf(ofCgroup(all())).filter(({ result }) => result >= 0)
    assert.deepEqual(
      opens.map((record) => openOf(record).argument),
      ['./present', 'made', 'made', 'made2', 'made3', '', '.'],
    )
    assert(suppressed('intent', KIND.open) > 0)
  })

  it('report each new file with a set-user-id bit when no other open is wanted, whichever call makes it', () => {
    const folder = folderOf('set-id')
    const path = (name: string): string => join(folder, name)
    filter({ opened: only(OPEN_WAY.setId), openFailed: Array<'leftOut'>(OPEN_WAYS).fill('leftOut') })
    const inFolder = (): string[] =>
      opensOf(all()).flatMap((record) => {
        const { argument } = openOf(record)
        return argument.startsWith(folder) ? [argument.slice(folder.length)] : []
      })
    const act = (...args: readonly string[]): void => void workloads.run('attacks/new-files', args)
    act('open-2', path('a'))
    act('create', path('b'))
    act('unnamed', folder, path('c'))
    assert.deepEqual(inFolder(), ['/a', '/b', ''])
    act('existing', path('a'))
    closeSync(openSync(path('plain'), 'w', 0o755))
    assert.deepEqual(inFolder(), [])
  })

  const BY_PATH = { opened: Array<'byPath'>(OPEN_WAYS).fill('byPath') }

  const BY_ARGUMENT = { opened: Array<'byArgument'>(OPEN_WAYS).fill('byArgument') }

  /** Sends verdicts on the opens of the cgroup that have tickets, by their arguments. */
  function decideArguments(isWanted: (argument: string) => boolean): void {
    for (const record of opensOf(ofCgroup(all()))) {
      const ticket = ticketOf(record.bytes)
      if (ticket !== null) session.setPathVerdict(...ticket, isWanted(openOf(record).argument))
    }
  }

  /** Reported opens of the cgroup: path, and ticket if there is one. */
  function reportedOpens(): { path: string; ticket: readonly [number, number] | null }[] {
    return opensOf(ofCgroup(all())).map((record) => {
      return { path: openOf(record).path, ticket: ticketOf(record.bytes) }
    })
  }
  function decide(opens: ReturnType<typeof reportedOpens>, isWanted: (path: string) => boolean): void {
    for (const { path, ticket } of opens) if (ticket !== null) session.setPathVerdict(...ticket, isWanted(path))
  }

  it('report a path until the reader sends a verdict, and then follow it', () => {
    const folder = folderOf('evaluated')
    const [wanted, other] = [fileOf(folder, 'wanted'), fileOf(folder, 'other')]
    const isWanted = (path: string): boolean => path === wanted
    filter(BY_PATH)
    openAll(wanted, other)
    const first = reportedOpens()
    assert.deepEqual(
      first.map(({ path, ticket }) => [path, ticket !== null]),
      [
        [wanted, true],
        [other, true],
      ],
    )
    decide(first, isWanted)
    for (let i = 0; i < 3; i++) openAll(other, wanted, other)
    assert.deepEqual(reportedOpens(), Array(3).fill({ path: wanted, ticket: null }))
    assert.equal(suppressed('path', KIND.open), 6)
  })

  it('apply verdicts to the path and not the file: under another name or in a renamed folder, a new one is requested', () => {
    const folder = folderOf('renamed')
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    const path = fileOf(inner, 'file')
    filter(BY_PATH)
    openAll(path)
    decide(reportedOpens(), () => false)
    openAll(path)
    assert.deepEqual(reportedOpens(), [])
    renameSync(path, join(inner, 'named'))
    openAll(join(inner, 'named'))
    renameSync(inner, join(folder, 'moved'))
    openAll(join(folder, 'moved/named'))
    assert.deepEqual(
      reportedOpens().map(({ path: opened, ticket }) => [opened, ticket !== null]),
      [
        [join(inner, 'named'), true],
        [join(folder, 'moved/named'), true],
      ],
    )
  })

  it('report every open of a wanted path, whatever was renamed, linked, mounted or made the root before, however deep', () => {
    const random = new Random(20_261_128)
    const top = folderOf('changing')
    const mountpoint = folderOf('mountpoint')
    const names = Array.from({ length: 12 }, () => 'plain')
    const below = (first: number, last: number): string => names.slice(first, last + 1).join('/')
    const isWanted = (path: string): boolean => path.split('/').includes('wanted')
    mkdirSync(join(top, below(0, names.length - 1)), { recursive: true })
    names.forEach((_, level) => writeFileSync(join(top, below(0, level), 'file'), 'x'))
    filter({ ...BY_PATH, pathRevision: ++pathRevision })
    let missed = 0
    const openAndDecide = (root: string, paths: readonly string[]): void => {
      workloads.run('open-path', [cgroup.procs, root, ...paths])
      const reported = reportedOpens()
      decide(reported, isWanted)
      const seen = reported.map(({ path }) => path)
      missed += paths.filter((path) => isWanted(path) && !seen.includes(path)).length
    }
    for (let round = 0; round < 60; round++) {
      const level = random.below(names.length)
      const from = join(top, below(0, level))
      names[level] = random.below(3) === 0 ? 'wanted' : random.below(2) === 0 ? 'plain' : 'other'
      const now = join(top, below(0, level))
      renameSync(from, now)
      const link = join(mountpoint, random.below(2) === 0 ? 'wanted' : 'link')
      linkSync(join(top, below(0, random.below(names.length)), 'file'), link)
      openAndDecide('-', [link, ...names.map((_, depth) => join(top, below(0, depth), 'file'))])
      unlinkSync(link)
      const inside = names.slice(level + 1).map((_, depth) => join('/', below(level + 1, level + 1 + depth), 'file'))
      openAndDecide(now, ['/file', ...inside])
      assert.equal(spawnSync('mount', ['--bind', now, mountpoint]).status, 0)
      openAndDecide(
        '-',
        ['file', ...inside].map((path) => join(mountpoint, path)),
      )
      assert.equal(spawnSync('umount', [mountpoint]).status, 0)
    }
    // A ring without room, or a scratch that is taken, drops and counts; no filter may.
    assert(missed <= totalOf(session, 'dropped') - dropped, String(missed))
    assert(suppressed('path', KIND.open) > 100)
  })

  it('never leave a path out because of a verdict on a temporary name', () => {
    const folder = folderOf('raced')
    const wanted = fileOf(folder, 'wanted')
    const other = join(folder, 'other-name')
    filter(BY_PATH)
    for (let round = 0; round < 20; round++) {
      workloads.run('renames', [cgroup.procs, wanted, other, '500'])
      decide(reportedOpens(), (path) => path === wanted)
    }
    openAll(wanted)
    assert.deepEqual(
      reportedOpens().map(({ path }) => path),
      [wanted],
    )
  })

  it('apply verdicts to the path as the call names it when requested: to each name separately', () => {
    const folder = folderOf('named')
    const path = fileOf(folder, 'file')
    const names = [path, `${folder}/./file`, `${folder}//file`]
    const reportedArguments = (): string[] => opensOf(ofCgroup(all())).map((record) => openOf(record).argument)
    filter(BY_ARGUMENT)
    openAll(...names)
    decideArguments((argument) => argument.includes('/./'))
    openAll(...names, ...names)
    assert.deepEqual(reportedArguments(), [names[1], names[1]])
    assert.equal(suppressed('path', KIND.open), 4)
  })

  it('apply verdicts to path and argument together when both are requested: only of a reported path is the argument asked for', () => {
    const folder = folderOf('both')
    const [wanted, other] = [fileOf(folder, 'wanted'), fileOf(folder, 'other')]
    const names = [wanted, `${folder}/./wanted`, other, `${folder}/./other`]
    filter({ opened: Array<'byBoth'>(OPEN_WAYS).fill('byBoth') })
    const tickets: string[] = []
    for (let round = 0; round < 4; round++) {
      openAll(...names)
      for (const record of opensOf(ofCgroup(all()))) {
        const { path, argument } = openOf(record)
        const ticket = ticketOf(record.bytes)
        const isOfArgument = ((ticket?.[0] ?? 0) & TICKET_OF_ARGUMENT) !== 0
        tickets.push(`${argument.slice(folder.length)} ${ticket === null ? 'none' : isOfArgument ? 'argument' : 'path'}`)
        if (ticket !== null) session.setPathVerdict(...ticket, path === wanted && (!isOfArgument || argument.includes('/./')))
      }
    }
    assert.deepEqual(tickets, [
      ...['/wanted path', '/./wanted path', '/other path', '/./other path'],
      ...['/wanted argument', '/./wanted argument', '/./wanted none', '/./wanted none'],
    ])
  })

  it('report an argument that is too long for a verdict each time, without a ticket', () => {
    const folder = folderOf('long')
    fileOf(folder, 'file')
    const named = (length: number): string => `${folder}${'/'.repeat(length - folder.length - 'file'.length)}file`
    filter(BY_ARGUMENT)
    openAll(named(126), named(127))
    assert.deepEqual(
      reportedOpens().map(({ ticket }) => ticket !== null),
      [true, false],
    )
  })

  it('distinguish arguments that a multiplication alone would confuse, with every seed', () => {
    const folder = folderOf('collided')
    // They differ in the highest bit of the first eight bytes, and in what a multiplication and a shift make of it in the next eight.
    const script = `cd "$1" && : > file && a=$(printf 'aaaaaaa\\101aaaa.aa\\001') && b=$(printf 'aaaaaaa\\301aaaa*aa\\201') &&
      ln -s file "$a" && ln -s file "$b" && exec "$2" "$3" - "$a" "$b"`
    filter(BY_ARGUMENT)
    spawnSync('/bin/sh', ['-c', script, 'sh', folder, workloads.program('open-path'), cgroup.procs])
    const tickets = opensOf(ofCgroup(all())).map((record) => ticketOf(record.bytes)?.join())
    assert.equal(tickets.length, 2)
    assert.equal(new Set(tickets).size, 2)
  })

  it('never request a verdict for one argument and report another when a thread changes it meanwhile', () => {
    const folder = folderOf('flipped')
    fileOf(folder, 'file')
    filter(BY_ARGUMENT)
    workloads.run('flips', [cgroup.procs, folder, 'file', '20011'])
    const argumentsOfTicket = new Map<string, Set<string>>()
    for (const record of opensOf(ofCgroup(all()))) {
      const ticket = ticketOf(record.bytes)?.join() ?? 'none'
      argumentsOfTicket.set(ticket, (argumentsOfTicket.get(ticket) ?? new Set()).add(openOf(record).argument))
    }
    const requested = [...argumentsOfTicket].filter(([ticket]) => ticket !== 'none').map(([, names]) => [...names])
    assert.deepEqual(requested.sort(), [[`${folder}/./file`], [`${folder}///file`]].sort())
  })

  it('never apply the verdict on one mode to another when a thread replaces the file of the descriptor meanwhile', () => {
    const folder = folderOf('swapped')
    const made = join(folder, 'made')
    filter(BY_PATH)
    workloads.run('swaps', [cgroup.procs, folder, '503', made])
    for (const record of opensOf(ofCgroup(all()))) {
      const ticket = ticketOf(record.bytes)
      if (ticket !== null) session.setPathVerdict(...ticket, !openOf(record).isCreated)
    }
    openAll(made)
    assert.deepEqual(
      reportedOpens().map(({ path }) => path),
      [made],
    )
  })

  it('never request a verdict for an open whose descriptor a thread has closed: it has no path, and the verdict would be on the root', () => {
    const folder = folderOf('closed')
    filter(BY_PATH)
    workloads.run('swaps', [cgroup.procs, folder, '503'])
    const reported = reportedOpens()
    assert.equal(reported.length, 503)
    decide(reported, () => false)
    openAll('/')
    assert.equal(reportedOpens().length, 1)
  })

  it('forget verdicts with the next filters, and those that another path replaces', () => {
    const folder = folderOf('forgotten')
    const places = 2 ** Math.ceil(Math.log2(2048 * cpus().length))
    const paths = Array.from({ length: 3 * places }, (_, index) => fileOf(folder, `f${index}`))
    const openMany = (): void => {
      for (let at = 0; at < paths.length; at += 2048) openAll(...paths.slice(at, at + 2048))
    }
    filter(BY_PATH)
    openMany()
    decide(reportedOpens(), () => false)
    openMany()
    const again = reportedOpens().length
    assert(again >= 2 * places && again < 3 * places, `${again} of ${3 * places} paths for ${places} places`)
    filter({ ...BY_PATH, pathRevision: ++pathRevision })
    openMany()
    assert.equal(reportedOpens().length, paths.length)
  })

  it('report every event that both old and new filters pass, however often they change', async () => {
    const child = spawn(workloads.program('open-storm'), [cgroup.procs, '100003'], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    let reported = 0
    let changes = 0
    const sets: Partial<KernelFilters>[] = [
      { numbers: [number('cgroup', cgroup.id, 'only'), number('user', 0n, 'only')], only: new Set(['cgroup', 'user']) },
      { numbers: [number('port', 1n, 'except')], failed: new Set() },
      { numbers: [number('cgroup', cgroup.id, 'only'), number('process', 1n, 'except')], only: new Set(['cgroup']) },
      { opened: Array<'byPath'>(OPEN_WAYS).fill('byPath') },
    ]
    while (child.exitCode === null) {
      filter(sets[changes++ % sets.length] ?? {})
      reported += opensOf(ofCgroup(all())).length
      await new Promise((resolve) => setImmediate(resolve))
    }
    await ended
    reported += opensOf(ofCgroup(all())).length
    assert.equal(reported, 100_003)
    assert.equal(totalOf(session, 'dropped'), dropped)
    assert(changes >= sets.length, String(changes))
  })

  it('refuse more numbers than there is room for, and keep the old filters', () => {
    const numbers = Array.from({ length: FILTER_NUMBERS + 1 }, (_, index) => number('process', BigInt(index + 1_000_000), 'except'))
    assert.throws(() => filter({ numbers }), { errno: 7 /* E2BIG */ })
    filter({ numbers: numbers.slice(1) })
    openAll('/etc/hostname')
    assert.equal(opensOf(ofCgroup(all())).length, 1)
  })
})

async function listening(): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}
