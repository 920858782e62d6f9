// Many commands of `eunomia`, one after the other, in one process that has loaded them: to start node and load the program costs far more than most
// commands do. For tests of what a command answers. Tests of the process (its memory, signals, pipes) start it: EunomiaProcess, runCommand.
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, createReadStream, fstatSync, mkdtempSync, openSync, type ReadStream, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '../../../cli/program.js'

/** Argument of the process. */
const SERVES = 'serve-commands'
const LONGEST_MS = 120_000

/** What a command left. */
export interface EndedCommand {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Around a command. */
export interface CommandSurroundings {
  /** Its whole environment but PATH; default ours. */
  readonly environment?: Readonly<Record<string, string>>
  /** Its standard input; default empty. */
  readonly input?: string
  /** Default the root folder. */
  readonly cwd?: string
}

interface Request extends CommandSurroundings {
  readonly words: readonly string[]
}

interface Answer {
  readonly status: number
  /** The command gave privileges of the process up, as a collector does: it serves no other. */
  readonly isSpent: boolean
}

let host: CommandHost | undefined
let last: Promise<unknown> = Promise.resolve()

/** Runs a command to its end, after those before it. @throws Error if it takes longer than two minutes or ends the process */
export async function runInHost(words: readonly string[], surroundings: CommandSurroundings = {}): Promise<EndedCommand> {
  const command = last.then(async () => await runNow(words, surroundings))
  last = command.catch(() => undefined)
  return await command
}

async function runNow(words: readonly string[], surroundings: CommandSurroundings): Promise<EndedCommand> {
  host ??= new CommandHost()
  try {
    const { isSpent, ...ended } = await host.run({ words, ...surroundings })
    if (isSpent) end()
    return ended
  } catch (error) {
    end()
    throw error
  }
}

function end(): void {
  host?.kill()
  host = undefined
}

/** The process that serves, as its users see it. It ends with this process. */
class CommandHost {
  readonly #folder = mkdtempSync(join(tmpdir(), 'eunomia-commands-'))
  readonly #stdout = openSync(join(this.#folder, 'stdout'), 'w+', 0o600)
  readonly #stderr = openSync(join(this.#folder, 'stderr'), 'w+', 0o600)
  readonly #child: ChildProcess

  constructor() {
    rmSync(this.#folder, { recursive: true })
    const stdio = ['ignore', this.#stdout, this.#stderr, 'ipc'] as const
    this.#child = fork(fileURLToPath(import.meta.url), [SERVES], { stdio: [...stdio] })
    this.#child.unref()
    this.#child.channel?.unref()
  }

  async run(request: Request): Promise<EndedCommand & Pick<Answer, 'isSpent'>> {
    const [stdoutStart, stderrStart] = [fstatSync(this.#stdout).size, fstatSync(this.#stderr).size]
    const answer = await new Promise<Answer>((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(deadline)
        this.#child.removeAllListeners()
        end()
      }
      // It also keeps this process alive.
      const deadline = setTimeout(() => settle(() => reject(new Error(`eunomia ${request.words.join(' ')} takes too long`))), LONGEST_MS)
      this.#child.once('message', (message) => settle(() => resolve(message as Answer)))
      this.#child.once('exit', (code, signal) => {
        settle(() => reject(new Error(`eunomia ${request.words.join(' ')} ended its process: ${String(code ?? signal)}`)))
      })
      this.#child.send(request)
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${textFrom(this.#stderr, stderrStart)}`, { cause: error })
    })
    return { ...answer, stdout: textFrom(this.#stdout, stdoutStart), stderr: textFrom(this.#stderr, stderrStart) }
  }

  kill(): void {
    this.#child.kill('SIGKILL')
    closeSync(this.#stdout)
    closeSync(this.#stderr)
  }
}

function textFrom(file: number, start: number): string {
  const bytes = Buffer.alloc(fstatSync(file).size - start)
  readSync(file, bytes, 0, bytes.length, start)
  return bytes.toString('utf8')
}

/** Runs a command in this process as if it were its own. */
async function serve({ words, environment, input = '', cwd = '/' }: Request): Promise<number> {
  const { PATH = '' } = OWN_ENVIRONMENT
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, environment === undefined ? OWN_ENVIRONMENT : { PATH, ...environment })
  process.chdir(cwd)
  process.exitCode = undefined
  Object.defineProperty(process, 'stdin', { configurable: true, value: openAsStdin(input) })
  const status = await runCommandLine(words)
  process.exitCode = undefined
  return status
}

/** The lowest free descriptor is the one that was closed. */
function openAsStdin(text: string): ReadStream {
  const file = join(tmpdir(), `eunomia-input-${String(process.pid)}`)
  writeFileSync(file, text, { mode: 0o600 })
  closeSync(0)
  assert.equal(openSync(file, 'r'), 0)
  rmSync(file)
  return createReadStream('', { fd: 0, autoClose: false })
}

const OWN_ENVIRONMENT = { ...process.env }
const OWN_USER = process.geteuid?.()
if (process.argv[2] === SERVES) {
  process.on('message', (request: Request) => {
    void serve(request).then((status) => process.send?.({ status, isSpent: process.geteuid?.() !== OWN_USER } satisfies Answer))
  })
  process.once('disconnect', () => process.exit(0))
}
