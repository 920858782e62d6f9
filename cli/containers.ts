// `eunomia containers`: which processes are in which container on this host now. Reads runtimes and cgroups; needs no probes and no collector.
import { type Command, InvalidArgumentError } from 'commander'
import { containerRuntimes, runtimeSocketsOf } from '../assembly/container-runtimes.js'
import {
  type ContainerListing,
  type ListedContainer,
  claimedContainers,
  containerOfCgroup,
  containerOfPid,
  containersById,
  listContainers,
} from '../collector/containers/list-containers.js'
import { isAbsence } from '../collector/containers/runtime.js'
import { UsageError, messageOf } from '../infra/process/errors.js'
import { EXIT } from './lifecycle.js'
import { commandContext, parseMoment, parseSpan, repeated } from './settings.js'
import { columnTable, cut } from './terminal/terminal-text.js'

const EXAMPLES = `
Examples:
  eunomia containers                         those that run
  eunomia containers --pid 4242              whose is this process
  eunomia containers --cgroup 31415          whose is this cgroup: its id, as events have it, or its path
  eunomia containers --id 3f2a9c --json      by the beginning of an id, or by name
  eunomia containers --at 2026-01-31T12:00:00Z            on all hosts, at that time, from topics and archive
  eunomia containers --at 2h --look-back 1d --pid 4242    whose was this process two hours ago`

const MAX_PIDS_WIDTH = 30
const SHORT_ID = 12
const HOUR_MS = 3_600_000

interface ContainersOptions {
  readonly pid?: number
  readonly cgroup?: string
  readonly id?: string
  readonly dockerSocket?: string[]
  readonly json: boolean
  readonly at?: number
  readonly lookBack: number
}

/** Adds the command to the program. */
export function registerContainersCommand(program: Command): void {
  program
    .command('containers')
    .description('which processes are in which container: on this host now, or on all hosts at a time')
    .option('--pid <pid>', 'the container of this process', parsePid)
    .option('--cgroup <id-or-path>', 'the container of this cgroup')
    .option('--id <id>', 'the container with this name or the beginning of its id')
    .option('--docker-socket <path>', 'socket of Docker; may be repeated', repeated)
    .option('--at <time>', 'at this time, from topics and archive: 2h, 2026-01-31T12:00:00Z', (text) => parseMoment(text))
    .option(
      '--look-back <span>',
      'with --at: processes that started or ran a program in this time before (default: 1h)',
      parseSpan,
      HOUR_MS,
    )
    .option('--json', 'one JSON object per line', false)
    .addHelpText('after', EXAMPLES)
    .action(answer)
}

async function answer(options: ContainersOptions, command: Command): Promise<void> {
  if (options.at !== undefined) {
    const { printContainersAt } = await import('./past/containers-at.js')
    return await printContainersAt(command, { ...options, at: options.at })
  }
  const sockets = { flag: '--docker-socket', path: 'collector.dockerSockets', value: options.dockerSocket }
  const { config, log } = commandContext(command, [sockets])
  const runtimes = containerRuntimes(config.collector, log)
  try {
    const signal = new AbortController().signal
    const listing = await listContainers(runtimes, signal)
    if (listing.unreachable.length > 0 && listing.unreachable.every(({ error }) => isAbsence(error)))
      log.warn({ sockets: runtimeSocketsOf(config.collector) }, 'no container runtime is present')
    else
      for (const { runtime, error } of listing.unreachable)
        log.warn({ runtime, reason: messageOf(error) }, 'the container runtime does not answer')
    const chosen = await choose(listing, options, signal)
    await print(chosen, listing, options)
    if (listing.unreachable.length > 0) process.exitCode = EXIT.failed
  } finally {
    for (const runtime of runtimes) runtime.close()
  }
}

async function choose(listing: ContainerListing, options: ContainersOptions, signal: AbortSignal): Promise<readonly ListedContainer[]> {
  const { pid, cgroup, id } = options
  if (id !== undefined) return containersById(listing, id)
  if (pid === undefined && cgroup === undefined) return listing.containers
  const found = pid === undefined ? await containerOfCgroup(listing, cgroup ?? '', signal) : await containerOfPid(listing, pid)
  if (found.path === null)
    throw new UsageError(pid === undefined ? `cgroup ${cgroup ?? ''} does not exist` : `process ${String(pid)} does not exist`)
  return found.container === null ? [] : [found.container]
}

async function print(containers: readonly ListedContainer[], listing: ContainerListing, options: ContainersOptions): Promise<void> {
  const { stdout } = process
  if (options.json) return void stdout.write(containers.map((container) => `${JSON.stringify(container)}\n`).join(''))
  if (containers.length > 0) return void stdout.write(containerTable(containers))
  if (listing.unreachable.length === 0) return void stdout.write('no container\n')
  const isForAll = options.pid === undefined && options.cgroup === undefined && options.id === undefined
  const claimed = isForAll ? [...(await claimedContainers(listing.hierarchies))] : []
  stdout.write(claimed.length === 0 ? 'no containers known: no runtime answers\n' : claimTable(claimed))
}

/** Containers that cgroups of processes claim: an id only. */
function claimTable(claimed: readonly (readonly [string, readonly number[]])[]): string {
  return columnTable(
    [
      { title: 'CONTAINER', value: ([containerId]) => containerId.slice(0, SHORT_ID) },
      { title: 'NAME', value: () => '(no runtime answers: unknown)' },
      { title: 'PIDS', value: ([, pids]) => cut(pids.join(','), MAX_PIDS_WIDTH) },
    ],
    claimed,
  )
}

function containerTable(containers: readonly ListedContainer[]): string {
  return columnTable(
    [
      { title: 'CONTAINER', value: ({ containerId }) => containerId.slice(0, SHORT_ID) },
      { title: 'RUNTIME', value: ({ runtime }) => runtime },
      { title: 'NAME', value: ({ facts }) => facts.name },
      { title: 'IMAGE', value: ({ facts }) => facts.image },
      { title: 'PRIVILEGED', value: ({ facts }) => (facts.isPrivileged ? 'yes' : 'no') },
      { title: 'PIDS', value: ({ pids }) => cut(pids.join(','), MAX_PIDS_WIDTH) },
    ],
    containers,
  )
}

function parsePid(text: string): number {
  const pid = Number(text)
  if (!Number.isInteger(pid) || pid < 1 || pid > 4_194_304) throw new InvalidArgumentError('Expected a process id.')
  return pid
}
