// What a watched host costs its work: requests a second of an nginx under wrk, with kept connections and with one for each request, without
// Eunomia and under `eunomia run`, in turn: with a rule about one program (which shows the cost of probes that emit nothing), with all rules
// in detect, and in forensic. nginx has one core and wrk the other; the collector shares them.
// Needs root, nginx and wrk (apt-get install nginx wrk); loopback only. Prints one JSON line per figure. Run: node dist/test/bench/nginx.js
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../infra/local/ports.js'
import { EunomiaProcess } from '../support/system/eunomia-process.js'
import { waitFor } from '../support/wait-for.js'

const ROUNDS = 5
const SECONDS = 3
const CONNECTIONS = 32
/** What a start leaves behind, and a first load (code that is compiled, paths that are evaluated), is not what a running one costs. */
const SETTLED_MS = 5_000
const MODES = ['without', 'one-rule', 'detect', 'forensic'] as const
const WAYS = { 'keep-alive': [], close: ['-H', 'Connection: close'] } as const
type Mode = (typeof MODES)[number]

const folder = mkdtempSync(join(tmpdir(), 'eunomia-nginx-'))
chmodSync(folder, 0o755)
const port = await freePort()
writeFileSync(join(folder, 'index.html'), 'x'.repeat(1024))
writeFileSync(
  join(folder, 'nginx.conf'),
  `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${String(port)}; root ${folder}; } }
`,
)

const oneRule = join(folder, 'rule.yaml')
writeFileSync(
  oneRule,
  JSON.stringify([
    { rule: 'one program', desc: 'd', condition: 'evt.type = execve and proc.name = never-started', output: 'o', priority: 'NOTICE' },
  ]),
)

/** Requests a second. */
function load(flags: readonly string[], seconds = SECONDS): number {
  const url = `http://127.0.0.1:${String(port)}/index.html`
  const args = ['-c', '1', 'wrk', '-t', '1', '-c', String(CONNECTIONS), '-d', `${String(seconds)}s`, ...flags, url]
  const said = execFileSync('taskset', args, { encoding: 'utf8' })
  return Number(/Requests\/sec:\s+([0-9.]+)/.exec(said)?.[1] ?? NaN)
}

async function underMode(mode: Mode, work: () => void): Promise<void> {
  if (mode === 'without') return work()
  const watch = mode === 'forensic' ? mode : 'detect'
  const rules = mode === 'one-rule' ? ['--rules', oneRule] : []
  const flags = [
    '--json',
    '--set',
    'logLevel=info',
    '--set',
    `collector.watch=${watch}`,
    '--docker-socket',
    join(folder, 'no.sock'),
    ...rules,
  ]
  const eunomia = new EunomiaProcess(['run', ...flags], { EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  await eunomia.says(/"msg":"watching"/)
  await sleep(SETTLED_MS)
  for (const flags of Object.values(WAYS)) load(flags, 1)
  try {
    work()
  } finally {
    await eunomia.interrupt()
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

const nginx = spawn('taskset', ['-c', '0', 'nginx', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' })
try {
  await waitFor('nginx', () =>
    fetch(`http://127.0.0.1:${String(port)}/index.html`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  const taken = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const mode of MODES) {
      await underMode(mode, () => {
        for (const [way, flags] of Object.entries(WAYS)) taken.set(`${way} ${mode}`, [...(taken.get(`${way} ${mode}`) ?? []), load(flags)])
      })
    }
  }
  for (const way of Object.keys(WAYS)) {
    const bases = taken.get(`${way} without`) ?? []
    for (const mode of MODES) {
      const rates = taken.get(`${way} ${mode}`) ?? []
      const requestsPerSecond = Math.round(median(rates))
      // Against the base of the same round: the machine itself is faster in one minute than in another.
      const slowdownPercent = Math.round((1 - median(rates.map((rate, round) => rate / (bases[round] ?? NaN)))) * 1000) / 10
      process.stdout.write(`${JSON.stringify({ bench: 'nginx', way, mode, requestsPerSecond, slowdownPercent })}\n`)
    }
  }
} finally {
  nginx.kill('SIGTERM')
  await once(nginx, 'exit')
  rmSync(folder, { recursive: true, force: true })
}
