// The command line as a running process: started as a user does, read as it prints, ended by a signal to its own pid. It prints into a file: a
// pipe holds up who writes to it while its reader is busy, and a collector that waits answers nobody.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { StringDecoder } from 'node:string_decoder'
import { join, relative } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { compiledRoot, mainFile } from '../runner/tiers.js'
import { reachableRoot } from './reachable-root.js'
import { waitFor, type Patience } from '../wait-for.js'

/** A started `eunomia` command. */
export class EunomiaProcess {
  #stdout = ''
  #stderr = ''
  readonly #lines: string[] = []
  readonly #records: unknown[] = []
  readonly #file = unnamedFile()
  #isFileOpen = true
  #fileLength = 0
  readonly #decoder = new StringDecoder('utf8')
  /** The begin of a line whose end was not printed yet. */
  #cut = ''
  readonly #isWanted: ((line: string) => boolean) | undefined
  readonly #child: ChildProcess
  readonly #command: string
  readonly #closed: Promise<number | null>

  /**
   * @param userId runs it as this user and group, without other groups; default: ours
   * @param through a command that makes itself this user and then the command line given to it: setpriv
   * @param isWanted of the lines of stdout only these are stored: all events of a busy host are too many
   */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    userId?: number,
    through: readonly string[] = [],
    isWanted?: (line: string) => boolean,
  ) {
    const { PATH = '', HOME = '' } = process.env
    this.#command = `eunomia ${args.join(' ')}`
    const isPlain = userId === undefined && through.length === 0
    const command = isPlain
      ? [join(packageRoot(), 'eunomia')]
      : [...through, process.execPath, join(reachableRoot(userId), relative(compiledRoot(), mainFile()))]
    const [program = '', ...rest] = command
    this.#child = spawn(program, [...rest, ...args], {
      stdio: ['ignore', this.#file, 'pipe'],
      // No test leaves probes behind, but for those that ask for it.
      env: { PATH, HOME, EUNOMIA_COLLECTOR_PINS: 'false', ...environment },
      ...(userId === undefined || through.length > 0 ? {} : { uid: userId, gid: userId }),
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.#isWanted = isWanted
    this.#closed = new Promise<number | null>((resolve, reject) => this.#child.once('close', resolve).once('error', reject)).finally(() => {
      this.#read()
      closeSync(this.#file)
      this.#isFileOpen = false
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** What it printed so far. */
  get stdout(): string {
    this.#read()
    return this.#stdout
  }

  /** Its stderr so far. */
  get stderr(): string {
    return this.#stderr
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Whole lines of stdout. Of much output this is much cheaper to look at again and again than `stdout`. */
  get lines(): readonly string[] {
    this.#read()
    return this.#lines
  }

  /** The same as JSON. Each is parsed once. */
  records<Value>(): Value[] {
    this.#read()
    for (let at = this.#records.length; at < this.#lines.length; at++) this.#records.push(JSON.parse(this.#lines[at] ?? ''))
    return this.#records.slice() as Value[]
  }

  /** Waits for a value of `check`, for as long as the process prints. Rejects with its output when it ends first or nothing moves any more. */
  async until<Value>(what: string, check: () => Value | Promise<Value>, patience: Patience = {}): Promise<NonNullable<Value>> {
    const checkWhileRunning = async (): Promise<Value> => {
      const value = await check()
      if (!value && !this.isRunning) throw new Error(`it ended before: ${what}`)
      return value
    }
    try {
      return await waitFor(what, checkWhileRunning, { progress: () => this.stdout.length + this.#stderr.length, ...patience })
    } catch (error) {
      throw new Error(`${this.#command}: ${String(error)}\n${this.#stderr.slice(-4000)}\n${this.stdout.slice(-4000)}`, { cause: error })
    }
  }

  /** Waits until stdout or stderr match. */
  async says(pattern: RegExp): Promise<void> {
    await this.until(`it says ${String(pattern)}`, () => pattern.test(this.#stderr) || pattern.test(this.stdout))
  }

  /** Waits for its end. @returns the exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    return await this.#closed
  }

  /** Ctrl-C: SIGINT, and its exit status. */
  async interrupt(): Promise<number | null> {
    return await this.end('SIGINT')
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  /** Ends it with a signal. @returns the exit status; null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isRunning) this.#child.kill(signal)
    return await this.#closed
  }

  #read(): void {
    const part = Buffer.allocUnsafe(1 << 20)
    while (this.#isFileOpen) {
      const length = readSync(this.#file, part, 0, part.length, this.#fileLength)
      if (length === 0) return
      this.#fileLength += length
      this.#take(this.#decoder.write(part.subarray(0, length)))
    }
  }

  #take(text: string): void {
    const lines = `${this.#cut}${text}`.split('\n')
    this.#cut = lines.pop() ?? ''
    if (this.#isWanted === undefined) this.#stdout += text
    for (const line of lines) {
      if (this.#isWanted?.(line) === false) continue
      this.#lines.push(line)
      if (this.#isWanted !== undefined) this.#stdout += `${line}\n`
    }
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }
}

/** A file that is gone when it is closed. */
function unnamedFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-output-'))
  const file = openSync(join(folder, 'stdout'), 'w+', 0o600)
  rmSync(folder, { recursive: true })
  return file
}
