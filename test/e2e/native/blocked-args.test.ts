// Processes that hold up who reads their arguments: the start and the reads at run time go on, and say what is missing. Needs root.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { compiledRoot } from '../../support/runner/tiers.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { waitFor } from '../../support/wait-for.js'
import { Workloads } from './workload.js'

const CHILD = 'test/e2e/native/blocked-args-child.js'
const SECONDS = '120'
const PADDING = 3 * 4096

describe('arguments that a process does not let others read', () => {
  let workloads: Workloads
  let attack: ChildProcess | undefined
  let child: ChildProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  afterEach(() => {
    // The attack first: a reader in its file system can't be ended.
    attack?.kill('SIGKILL')
    child?.kill('SIGKILL')
  })
  after(() => workloads?.close())

  const hasAnswered = async (process: ChildProcess, what: string, pattern: RegExp): Promise<string> => {
    let [said, complaints] = ['', '']
    process.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
    process.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text))
    await waitFor(`${what}: ${complaints}`, () => {
      if (process.exitCode !== null && !pattern.test(said)) throw new Error(`${what} ended: ${complaints}`)
      return pattern.test(said)
    })
    return said
  }

  const begin = async (name: string, ...args: readonly string[]): Promise<string> => {
    attack = spawn(workloads.program(`attacks/${name}`), args, { stdio: ['ignore', 'pipe', 'pipe'] })
    await hasAnswered(attack, name, /ready/)
    return String(attack.pid)
  }

  const read = async <Seen>(how: 'tasks' | 'proc', pid: string): Promise<Seen> => {
    child = spawn(process.execPath, [join(compiledRoot(), CHILD), how, pid, 'the last argument'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const seen = JSON.parse(await hasAnswered(child, 'the reader', /\}$/)) as Seen
    await waitFor('the end of the reader', () => child?.exitCode === 0)
    return seen
  }

  const fuseFolder = (mode: string): string => {
    const folder = join(workloads.folder, `fuse-${mode}`)
    mkdirSync(folder, { recursive: true })
    return folder
  }
  const withFuse = (context: Mocha.Context): void => {
    if (!existsSync('/dev/fuse')) skipBecause(context, 'needs /dev/fuse')
  }

  interface Tasks {
    args: number[]
    argsTotal: number
    flags: string[]
    own: string
  }
  interface Proc {
    argsEnd: number
    argsTotal: number
    isArgsTruncated: boolean
    areArgsBlocked: boolean
  }

  it('in a file of its own file system: what is before it is read, the rest is marked', async function () {
    withFuse(this)
    const pid = await begin('fuse-argv', fuseFolder('args'), 'args', SECONDS)
    const { args, argsTotal, flags, own } = await read<Tasks>('tasks', pid)
    assert.ok(argsTotal > PADDING)
    assert.deepEqual(flags, ['argsTruncated', 'argsFault'])
    assert.ok(args.length >= 4 && Math.max(...args) < 4096, 'up to the page of the file')
    assert.equal(own, 'the last argument', 'those of other processes are complete')
    const { argsEnd, areArgsBlocked } = await read<Proc>('proc', pid)
    assert.ok(argsEnd < PADDING && !areArgsBlocked)
  })

  it('in memory whose faults it serves itself', async () => {
    const pid = await begin('uffd-argv', SECONDS)
    const { argsTotal, flags, own } = await read<Tasks>('tasks', pid)
    assert.ok(argsTotal > PADDING)
    assert.deepEqual(flags, ['argsTruncated', 'argsFault'])
    assert.equal(own, 'the last argument')
  })

  it('under a lock that it keeps: they are given up in time', async function () {
    withFuse(this)
    const pid = await begin('fuse-argv', fuseFolder('lock'), 'lock', SECONDS)
    const { args, argsTotal, flags, own } = await read<Tasks>('tasks', pid)
    assert.ok(argsTotal > PADDING)
    assert.deepEqual(args, [])
    assert.deepEqual(flags, ['argsTruncated', 'argsBlocked'])
    assert.equal(own, 'the last argument')
    const { argsEnd, argsTotal: total, ...marks } = await read<Proc>('proc', pid)
    assert.deepEqual([argsEnd, total], [0, argsTotal])
    assert.deepEqual(marks, { isArgsTruncated: true, areArgsBlocked: true })
  })
})
