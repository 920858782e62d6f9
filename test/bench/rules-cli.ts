// The command line contract of the rules in one process: thousands of JSON lines through `rules eval` and `rules parse`, lines per second
// from the first line in to the last answer out, by the clock and by the processor, start of the process included.
//   node dist/test/bench/rules-cli.js [runs] [lines]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mainFile } from '../support/runner/tiers.js'
import { fieldMapFor } from '../support/generator/field-maps.js'
import { Random } from '../support/generator/random.js'
import { falcoRules } from '../support/oracle/falco/rule-files.js'
import { printFigure } from '../support/load/cpu-cost.js'
import { ruleCorpus } from '../support/rule-corpus.js'

const [runs = 5, lines = 20_000] = process.argv.slice(2).map(Number)
const random = new Random(20_261_124)

/** Time until every line of the input is answered, on the clock and of the processor, seconds. */
interface Spent {
  readonly wall: number
  readonly cpu: number
}

/** @throws Error when a line is not answered */
async function spentOn(args: readonly string[], input: string): Promise<Spent> {
  const start = process.hrtime.bigint()
  const child = spawn(process.execPath, [mainFile(), 'rules', ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let answers = 0
  let cpu = 0
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 0x0a) answers++
    if (answers === lines && child.pid !== undefined) cpu = cpuSecondsOf(child.pid)
  })
  child.stdin.end(input)
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0 || answers !== lines) throw new Error(`status ${String(status)}, ${String(answers)} answers to ${String(lines)} lines`)
  return { wall: Number(process.hrtime.bigint() - start) / 1e9, cpu }
}

/** User and system time of a process that still runs: fields 14 and 15 of /proc/PID/stat, in hundredths. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function bench(figure: string, args: readonly string[], request: (at: number) => object): Promise<void> {
  const input = Array.from({ length: lines }, (_, at) => `${JSON.stringify({ id: at, ...request(at) })}\n`).join('')
  const spent: Spent[] = []
  for (let run = 0; run < runs; run++) spent.push(await spentOn(args, input))
  const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
  const wall = median(spent.map((one) => one.wall))
  const cpu = median(spent.map((one) => one.cpu))
  printFigure('rules-cli', figure, {
    lines,
    bytesPerLine: input.length / lines,
    linesPerSecond: lines / wall,
    linesPerCpuSecond: lines / cpu,
  })
}

const corpus = ruleCorpus()
if (corpus === null) {
  process.stderr.write('skipped: the rules of Falco are not next to this checkout (EUNOMIA_SHARED)\n')
} else {
  const rules = falcoRules(corpus.falco.map(({ text }) => text))
  const rulesFiles = corpus.falco.map(({ name }) => name)
  const texts = [
    'evt.type in (execve, execveat) and proc.name in (bash, sh) and not proc.pname exists',
    'evt.type = openat and fd.name startswith /etc and (proc.name = cat or proc.aname = sshd)',
    'tolower(proc.exepath) glob "/tmp/*" and fd.net != 10.0.0.0/8',
  ]
  await bench('parse, a condition', ['parse', '--json'], (at) => ({
    condition: `${texts[at % 3] ?? ''} and proc.pid != ${String(at)}`,
    level: 'compile',
  }))
  await bench('eval, a condition that no line had before', ['eval', '--json'], (at) => ({
    format: 'falco',
    condition: `${texts[at % 3] ?? ''} and proc.pid != ${String(at)}`,
    fields: { 'evt.type': 'execve', 'proc.name': 'sh', 'fd.name': '/etc/shadow' },
  }))
  await bench("eval, all of Falco's rules on one event", ['eval', '--json'], () => {
    const { fields } = fieldMapFor(random.pick(rules).condition, random, true)
    return { format: 'falco', rulesFiles, matching: 'all', events: [fields] }
  })
}
