// What `eunomia run` costs a host as a user meets it: the whole process with default settings, next to the figures of Falco. Storms are pinned to
// one core and measured by their own CPU time, without and with each way to run in turn; medians of the rounds, slowdowns against a base taken
// right before. The floors are a program that does nothing after each system call, and `run` without a rule about opens.
// Needs root and bpftool. Prints one JSON line per figure. Run: node dist/test/bench/host.js [rounds]
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageRoot } from '../../infra/process/package-root.js'
import { Workloads } from '../e2e/native/workload.js'
import { sharedPath } from '../support/shared-folder.js'
import { EunomiaProcess } from '../support/system/eunomia-process.js'
import { metricsPage } from '../support/system/metrics-page.js'
import { cpuNsOf, memoryOf } from '../support/system/process-cost.js'
import { waitFor } from '../support/wait-for.js'

const ROUNDS = Number(process.argv[2] ?? 7)
const STORM_CPU = '1'
const EXECS = 10_000
/** After these, what runs often is compiled. */
const EXECS_UNTIL_WARM = 30_000
const OPENS = 300_000
/** Falco's rules have one about all of /etc, so this is a file that they must look at. */
const OPENED = '/etc/hostname'
/** Longest storm. */
const STORM_MS = 60_000
const IDLE_MS = 8_000
/** The process has finished its work when it uses less than this in this time, or when it never does after so long. */
const QUIET = { cpuMs: 10, eachMs: 400, mostMs: 3_000 }

/** Falco 0.44.1, modern eBPF, its falco_rules.yaml: whole process, these storms, two cores, medians of five rounds, measured on 2026-11-28. */
const FALCO: Readonly<Record<string, number>> = {
  'exec, first 10,000: CPU of the tool, us': 44,
  'exec, after 30,000: CPU of the tool, us': 40,
  'exec: slowdown, %': 6,
  'open, falco: slowdown, %': 50.6,
  'open, falco: dropped, %': 0,
  'open, falco: CPU of the tool for one that it evaluates, us': 1.6,
  'memory after the storms, falco: resident, MiB': 63,
  'memory after the storms, falco: proportional, MiB': 53,
  'memory after the storms, falco: peak, MiB': 77,
  'idle CPU, %': 0.27,
  'start to first alert, falco, ms': 1400,
}
const GOALS: Readonly<Record<string, string>> = {
  'exec, first 10,000: CPU of the tool, us': '60',
  'exec, after 30,000: CPU of the tool, us': '30',
  'exec: slowdown, %': '2',
  'open, one rule: slowdown, %': 'floor + 3',
  'open, shipped: slowdown, %': '20',
  'open, falco: slowdown, %': '25',
  'open, falco: dropped, %': '0',
  'open, falco forensic: CPU of the tool for one that it evaluates, us': '1.0',
  'memory after the storms, falco: resident, MiB': '110',
  'memory after the storms, falco: proportional, MiB': '85',
  'memory after the storms, falco: peak, MiB': '150',
  'idle CPU, %': '0.3',
  'start to first alert, falco, ms': '800',
}

const folder = mkdtempSync(join(tmpdir(), 'eunomia-host-'))
chmodSync(folder, 0o755)
const workloads = new Workloads()
const falcoRules = sharedPath('corpora', 'falco', 'falco_rules.yaml')

/** One way to run: arguments of `eunomia run`, or what is attached instead of it. */
interface Way {
  readonly name: string
  readonly args: readonly string[] | 'nothing' | 'empty program'
}

function oneRule(name: string, condition: string): string {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, JSON.stringify([{ rule: name, desc: 'd', condition, output: 'o', priority: 'NOTICE' }]))
  return path
}

const WAYS: readonly Way[] = [
  { name: 'nothing', args: 'nothing' },
  { name: 'empty program', args: 'empty program' },
  { name: 'no rule about opens', args: ['--rules', oneRule('program', 'evt.type = execve and proc.name = never-started')] },
  { name: 'one rule', args: ['--rules', oneRule('path', 'evt.type in (open, openat, openat2) and fd.name = /opt/never-there')] },
  { name: 'shipped', args: [] },
  ...(falcoRules === null
    ? []
    : [
        { name: 'falco', args: ['--rules', falcoRules] },
        { name: 'falco forensic', args: ['--rules', falcoRules, '--set', 'collector.watch=forensic'] },
      ]),
]
/** The way that is compared in everything else. */
const WHOLE = WAYS.find(({ name }) => name === 'falco') ?? WAYS.find(({ name }) => name === 'shipped')

/** What runs now: a bench that is ended leaves none behind. */
let running: EunomiaProcess | null = null

const taken = new Map<string, number[]>()
const note = (figure: string, value: number): void => void taken.set(figure, [...(taken.get(figure) ?? []), value])

/** Runs a storm on its core. @returns the CPU time of one act, ns, as the storm measured it */
async function storm(name: string, args: readonly string[]): Promise<number> {
  const child = spawn('taskset', ['-c', STORM_CPU, workloads.program(name), '-', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: STORM_MS,
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const status = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}`)
  return Number(said)
}

const openStorm = (): Promise<number> => storm('open-storm', [String(OPENS), OPENED])
const execStorm = (): Promise<number> => storm('exec-storm', [String(EXECS)])
const slowdown = (ns: number, baseNs: number): number => (ns / baseNs - 1) * 100

/** Waits until the process has done what a storm left to it. */
async function settle(pid: number): Promise<void> {
  const startedMs = performance.now()
  while (performance.now() - startedMs < QUIET.mostMs) {
    const before = cpuNsOf(pid)
    await sleep(QUIET.eachMs)
    if (cpuNsOf(pid) - before < QUIET.cpuMs * 1e6) return
  }
}

/** What `work` costs the process until it has done all of it, ns of CPU. */
async function costOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = cpuNsOf(pid)
  await work()
  await settle(pid)
  return cpuNsOf(pid) - before
}

/** Loads a program that does nothing at the hook of ours while `work` runs. */
async function underEmptyProgram<T>(work: () => Promise<T>): Promise<T> {
  const [object, pin] = [join(folder, 'empty-hook.bpf.o'), `/sys/fs/bpf/eunomia-empty-hook-${String(process.pid)}`]
  const source = join(packageRoot(), 'test/workloads/empty-hook.bpf.c')
  execFileSync('clang-19', [
    '-g',
    '-O2',
    '-target',
    'bpf',
    `-I/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`,
    '-c',
    source,
    '-o',
    object,
  ])
  execFileSync('/usr/sbin/bpftool', ['prog', 'load', object, pin, 'autoattach'])
  try {
    return await work()
  } finally {
    rmSync(pin)
  }
}

const openCounts = (page: ReadonlyMap<string, number>) => {
  const sum = (name: string): number =>
    [...page].reduce(
      (total, [key, value]) => (key.startsWith(`eunomia_events_${name}_total{`) && key.includes('kind="open"') ? total + value : total),
      0,
    )
  return { emitted: sum('emitted'), dropped: sum('dropped'), suppressed: sum('suppressed') }
}

async function measureOpens(name: string, eunomia: EunomiaProcess, baseNs: number): Promise<void> {
  const read = await metricsPage(eunomia)
  await costOf(eunomia.pid, openStorm)
  const before = openCounts(await read())
  let ns = 0
  const cost = await costOf(eunomia.pid, async () => (ns = await openStorm()))
  const after = openCounts(await read())
  const [emitted = 0, dropped = 0, left = 0] = (['emitted', 'dropped', 'suppressed'] as const).map((count) => after[count] - before[count])
  const evaluated = emitted - dropped - left
  note(`open, ${name}: slowdown, %`, slowdown(ns, baseNs))
  note(`open, ${name}: dropped, %`, (dropped / OPENS) * 100)
  note(`open, ${name}: suppressed, %`, (left / OPENS) * 100)
  // The collector's own opens and those of others are few: below this, nothing of the storm was evaluated.
  if (evaluated > OPENS / 10) note(`open, ${name}: CPU of the tool for one that it evaluates, us`, cost / evaluated / 1000)
}

async function measureWhole({ pid }: EunomiaProcess, baseNs: number): Promise<void> {
  const startedMs = performance.now()
  const before = cpuNsOf(pid)
  await sleep(IDLE_MS)
  note('idle CPU, %', (cpuNsOf(pid) - before) / (performance.now() - startedMs) / 1e4)
  const figure = (cost: number): number => cost / EXECS / 1000
  let ns = 0
  note('exec, first 10,000: CPU of the tool, us', figure(await costOf(pid, execStorm)))
  for (let done = EXECS; done < EXECS_UNTIL_WARM; done += EXECS) await execStorm()
  await settle(pid)
  note('exec, after 30,000: CPU of the tool, us', figure(await costOf(pid, async () => (ns = await execStorm()))))
  note('exec: slowdown, %', slowdown(ns, baseNs))
}

async function measureRun(way: Way, args: readonly string[], openNs: number): Promise<void> {
  const execNs = way === WHOLE ? await execStorm() : 0
  if (way === WHOLE) note('exec, nothing attached: CPU of the storm, us', execNs / 1000)
  const flags = ['--json', '--set', 'logLevel=info', '--metrics-port', '0', ...args]
  const eunomia = (running = new EunomiaProcess(['run', ...flags], { EUNOMIA_STATE_FOLDER: join(folder, 'state') }))
  try {
    await eunomia.says(/"msg":"watching"/)
    await settle(eunomia.pid)
    if (way === WHOLE) await measureWhole(eunomia, execNs)
    await measureOpens(way.name, eunomia, openNs)
    const { residentMiB, proportionalMiB, peakMiB } = memoryOf(eunomia.pid)
    note(`memory after the storms, ${way.name}: resident, MiB`, residentMiB)
    note(`memory after the storms, ${way.name}: proportional, MiB`, proportionalMiB)
    note(`memory after the storms, ${way.name}: peak, MiB`, peakMiB)
  } finally {
    await eunomia.interrupt()
  }
  if (way.name === 'falco' || way.name === 'shipped') note(`start to first alert, ${way.name}, ms`, await firstAlertMs(args))
}

/** From the start of the process to the alert of its demo on stdout. */
async function firstAlertMs(args: readonly string[]): Promise<number> {
  const startedMs = performance.now()
  const eunomia = (running = new EunomiaProcess(['run', '--json', '--demo', ...args], { EUNOMIA_STATE_FOLDER: join(folder, 'state') }))
  try {
    await waitFor('an alert', () => eunomia.lines.length > 0, { everyMs: 4, maxMs: 30_000 })
    return performance.now() - startedMs
  } finally {
    await eunomia.interrupt()
  }
}

async function measureRound(): Promise<void> {
  for (const way of WAYS) {
    const openNs = await openStorm()
    note('open, nothing attached: CPU of the storm, us', openNs / 1000)
    if (way.args === 'nothing') note('open, nothing attached again: slowdown, %', slowdown(await openStorm(), openNs))
    else if (way.args === 'empty program') note('open, empty program: slowdown, %', slowdown(await underEmptyProgram(openStorm), openNs))
    else await measureRun(way, way.args, openNs)
  }
}

function print(): void {
  for (const [figure, values] of [...taken].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sorted = [...values].sort((a, b) => a - b)
    const round = (value = NaN): number => Number(value.toFixed(2))
    const line = { eunomia: round(sorted[Math.floor(sorted.length / 2)]), least: round(sorted[0]), most: round(sorted.at(-1)) }
    process.stdout.write(`${JSON.stringify({ bench: 'host', figure, ...line, falco: FALCO[figure], goal: GOALS[figure] })}\n`)
  }
}

if (falcoRules === null) process.stderr.write('host: no corpora in ../shared, so the figures for falco_rules.yaml are left out\n')
async function end(): Promise<void> {
  await running?.kill()
  if (taken.size > 0) print()
  workloads.close()
  rmSync(folder, { recursive: true, force: true })
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(1)))
try {
  for (let round = 0; round < ROUNDS; round++) await measureRound()
} finally {
  await end()
}
