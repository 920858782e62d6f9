// Programs of test/workloads: compiled with cc at their first use, into a temporary folder of this process, and run to their end.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { removeUnmounted } from '../../support/mounted-folder.js'

/** Prefix of workloads that mount: what they mount is gone when they end, however that is. */
export const OWN_MOUNTS = ['unshare', '--mount', '--propagation', 'private']

/** How a workload ended, and what it printed. */
export interface WorkloadEnd {
  readonly status: number | null
  readonly signal: string | null
  readonly lines: readonly string[]
  readonly pid: number
}

/** Compiles and runs workloads; `close` removes what was compiled. */
export class Workloads {
  readonly folder: string
  readonly #compiled = new Set<string>()

  /** @param parent the folder in which theirs is made */
  constructor(parent = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'eunomia-workloads-'))
  }

  /** Absolute path of the compiled program test/workloads/NAME.c, where NAME may be in a folder: attacks/files. */
  program(name: string): string {
    const output = join(this.folder, name)
    if (this.#compiled.has(name)) return output
    const source = join(packageRoot(), 'test/workloads', `${name}.c`)
    mkdirSync(dirname(output), { recursive: true })
    const options = ['-O1', '-D_GNU_SOURCE', '-pthread', '-static', '-I', join(packageRoot(), 'test/workloads')]
    const built = spawnSync('cc', [...options, '-o', output, source], { encoding: 'utf8' })
    if (built.status !== 0) throw new Error(`cc ${source}: ${built.error?.message ?? built.stderr}`)
    this.#compiled.add(name)
    return output
  }

  /** Runs a program to its end. All its events are in the rings when this returns: the kernel writes them before a process is reaped. */
  run(name: string, args: readonly (string | Buffer)[], options: { prefix?: readonly string[]; cwd?: string } = {}): WorkloadEnd {
    const [file = '', ...rest] = [...(options.prefix ?? []), this.program(name), ...args.map(String)]
    const bounds = { timeout: 60_000, killSignal: 'SIGKILL', maxBuffer: 1 << 24 } as const
    const end = spawnSync(file, rest, { encoding: 'utf8', cwd: options.cwd ?? this.folder, ...bounds })
    if (end.error !== undefined) throw end.error
    if (end.status === 99) throw new Error(`${name} failed: ${end.stderr}`)
    return { status: end.status, signal: end.signal, lines: end.stdout.split('\n').filter((line) => line !== ''), pid: end.pid }
  }

  close(): void {
    removeUnmounted(this.folder)
  }
}
