// The set-up with steps of the test: two at once, and one after a kill. The step of the addons with a build of the test.
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { waitFor } from '../../../support/wait-for.js'

const STEPS = ['packages', 'node-modules', 'bpf', 'addon', 'bundle', 'mounts'] as const

describe('the set-up and its steps', () => {
  let folder = ''
  const started: ChildProcess[] = []
  const environment = (): NodeJS.ProcessEnv => ({ ...process.env, EUNOMIA_SETUP_STEPS: join(folder, 'steps') })
  const step = (name: (typeof STEPS)[number], script: string): void => writeFileSync(join(folder, 'steps', `${name}.sh`), script)
  const start = (): { child: ChildProcess; said: () => string; ended: Promise<unknown[]> } => {
    let text = ''
    // A separate process group, so that a kill includes the step, like the end of a terminal.
    const child = spawn('bash', ['infra/setup/setup.sh', '--for', 'start'], { cwd: folder, env: environment(), detached: true })
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    started.push(child)
    return { child, said: () => text, ended: once(child, 'close') }
  }
  const killGroup = ({ pid }: ChildProcess): void => {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-setup-steps-'))
    mkdirSync(join(folder, 'infra/setup'), { recursive: true })
    mkdirSync(join(folder, 'steps'))
    cpSync(join(packageRoot(), 'infra/setup/setup.sh'), join(folder, 'infra/setup/setup.sh'))
    for (const name of STEPS) step(name, "echo 'up to date' >&3")
  })
  afterEach(() => {
    for (const child of started.splice(0)) if (child.exitCode === null && child.signalCode === null) killGroup(child)
    rmSync(folder, { recursive: true, force: true })
  })

  it('waits for another one that is running, and does nothing at the same time', async () => {
    // A step that fails if another instance runs, and waits until it may end.
    step('bpf', 'mkdir inside || exit 1; touch begun; until [[ -e go ]]; do sleep 0.01; done; rmdir inside')
    const first = start()
    await waitFor('the first is at work', () => existsSync(join(folder, 'begun')))
    const second = start()
    await waitFor('the second waits', () => second.said().includes('another set-up is running here; waiting for it'))
    assert.doesNotMatch(second.said(), /\[1\/6\]/)
    writeFileSync(join(folder, 'go'), '')
    assert.deepEqual(
      [await first.ended, await second.ended],
      [
        [0, null],
        [0, null],
      ],
    )
    assert.match(second.said(), /\[6\/6\]/)
  })

  it('is completed by the next one after it was killed', async () => {
    step('addon', 'if [[ -e whole ]]; then echo "up to date" >&3; exit; fi; echo half >part; [[ -e go ]] || sleep 600; mv part whole')
    const killed = start()
    await waitFor('the step is half done', () => existsSync(join(folder, 'part')))
    killGroup(killed.child)
    await killed.ended
    writeFileSync(join(folder, 'go'), '')
    const next = start()
    assert.deepEqual(await next.ended, [0, null], next.said())
    assert.doesNotMatch(next.said(), /another set-up/, 'the lock went with the one that was killed')
    assert.ok(existsSync(join(folder, 'whole')))
  })

  it('runs independent steps at the same time, and reports each', () => {
    const meet = (own: string, other: string): string =>
      `touch ${own}; for ((n = 0; n < 3000; n++)); do [[ -e ${other} ]] && exit 0; sleep 0.01; done; exit 1`
    step('bundle', meet('one', 'two'))
    step('mounts', meet('two', 'one'))
    const { status, stdout } = spawnSync('bash', ['infra/setup/setup.sh', '--for', 'start'], {
      cwd: folder,
      env: environment(),
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout)
    assert.match(stdout, /\[5\/6\] command line \.\.\. done \(\d+ s\)\n\[6\/6\] mounts for eBPF \.\.\. done \(\d+ s\)\n/)
  })

  it('waits for the parallel step of a failed one before it exits', () => {
    step('bundle', 'exit 1')
    step('mounts', 'sleep 0.2; touch ended')
    const { status } = spawnSync('bash', ['infra/setup/setup.sh', '--for', 'start'], { cwd: folder, env: environment() })
    assert.equal(status, 1)
    assert.ok(existsSync(join(folder, 'ended')))
  })

  it('points to the log when the step that failed wrote no fix', () => {
    step('addon', 'exit 1')
    const { stdout } = spawnSync('bash', ['infra/setup/setup.sh', '--for', 'start'], { cwd: folder, env: environment(), encoding: 'utf8' })
    assert.match(stdout, /whole log: .*addon\.log\)\nto fix it: see the log above, then run the set-up again\n$/)
  })

  it('ends with the fix of the step that failed', () => {
    step('addon', "echo 'the reason'; echo 'do this' >&3; exit 1")
    const { status, stdout } = spawnSync('bash', ['infra/setup/setup.sh', '--for', 'start'], {
      cwd: folder,
      env: environment(),
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    assert.match(stdout, /FAILED\n {4}the reason\nset-up: native addons failed .*\nto fix it: do this\n$/)
    assert.doesNotMatch(stdout, /\[5\/6\]/, 'nothing after it is tried')
    assert.match(readFileSync(join(folder, '.eunomia/setup/addon.log'), 'utf8'), /the reason/)
  })
})

describe('the packages of npm', () => {
  it('run no install script, whoever installs them', () => {
    const { stdout } = spawnSync('npm', ['config', 'get', 'ignore-scripts'], { cwd: packageRoot(), encoding: 'utf8' })
    assert.equal(stdout, 'true\n')
  })
  it('come from the registry that npm is set to, each with the hash of its content', () => {
    const lock = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>
    }
    const packages = Object.entries(lock.packages).filter(([place]) => place !== '')
    assert.ok(packages.length > 100)
    assert.deepEqual(
      packages.filter(([, { resolved, integrity }]) => resolved !== undefined || integrity?.startsWith('sha512-') !== true),
      [],
    )
  })
})

describe('the step of the native addons', () => {
  let folder = ''
  const tryRun = (environment: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> =>
    spawnSync('bash', [join(packageRoot(), 'infra/setup/steps/addon.sh')], {
      cwd: folder,
      env: { ...process.env, EUNOMIA_SETUP_FOR: 'test', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      encoding: 'utf8',
    })
  const run = (): string => {
    const { status, output } = tryRun()
    assert.equal(status, 0, output.join('\n'))
    return output[3] ?? ''
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-setup-addon-'))
    for (const inner of ['bpf', 'native/build', 'node_modules/.bin']) mkdirSync(join(folder, inner), { recursive: true })
    writeFileSync(join(folder, 'native/one.cc'), '')
    writeFileSync(join(folder, 'node_modules/.bin/node-gyp'), '#!/bin/sh\n', { mode: 0o755 })
    const built = join(packageRoot(), 'native/build/Release')
    writeFileSync(
      join(folder, 'native/build/Makefile'),
      `regex eunomia:\n\tmkdir -p Release && cp ${built}/$@.node Release/\n.PHONY: regex eunomia\n`,
    )
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('refuses to build without the headers of Node, which would be downloaded from a web site', () => {
    // A node without headers next to it.
    mkdirSync(join(folder, 'bin'))
    cpSync(process.execPath, join(folder, 'bin/node'))
    const { status, output } = tryRun({
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      npm_config_nodedir: join(folder, 'nowhere'),
    })
    assert.equal(status, 1)
    assert.match(output[3] ?? '', /^the headers of Node are missing: /)
  })

  it('rebuilds an addon that is missing or does not load', () => {
    const file = (name: string): string => join(folder, 'native/build/Release', name)
    assert.equal(run(), '')
    assert.equal(run(), 'up to date\n')
    rmSync(file('eunomia.node'))
    assert.equal(run(), '')
    assert.ok(existsSync(file('eunomia.node')))
    writeFileSync(file('regex.node'), 'another library')
    assert.equal(run(), '')
    assert.equal(run(), 'up to date\n')
  })
})
