// `eunomia containers`: who is in which container on this host, now. Asks runtimes and cgroups as the collector does, without probes.
import { readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { parseCgroupLine } from '../collector/containers/cgroup-path/cgroup-line.js'
import { findCgroupHierarchies, type CgroupHierarchy } from '../collector/containers/cgroup-hierarchies.js'
import type { ContainerEventBody } from '../collector/containers/container-index.js'
import { CONTAINER_TRACKER_DEFAULTS } from '../collector/containers/container-tracker-config.js'
import { startContainerTracker, type ContainerTracker } from '../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../collector/containers/docker/docker-runtime.js'
import { UsageError } from '../infra/errors.js'
import { columnTable } from './column-table.js'
import { commandContext } from './command-config.js'

const EXAMPLES = `
Examples:
  eunomia containers                         those that run
  eunomia containers --pid 4242              whose is this process
  eunomia containers --cgroup 31415          whose is this cgroup (its id, as events have it)
  eunomia containers --id 3f2a9c --json`

interface ContainersOptions {
  readonly pid?: number
  readonly cgroup?: bigint
  readonly id?: string
  readonly dockerSocket?: string
  readonly json: boolean
}

/** One line of the answer. */
interface Row {
  readonly containerId: string
  readonly runtime: string
  readonly name: string | null
  readonly image: string | null
  readonly isPrivileged: boolean | null
  readonly initPid: number | null
  readonly cgroupId: string | null
  readonly cgroupPath: string | null
}

/** Adds the command to the program. */
export function registerContainersCommand(program: Command): void {
  program
    .command('containers')
    .description('who is in which container on this host, now')
    .option('--pid <pid>', 'the container of this process', parsePid)
    .option('--cgroup <id>', 'the container of this cgroup', parseCgroupId)
    .option('--id <id>', 'the container with this id, or with an id that begins so')
    .option('--docker-socket <path>', 'socket of Docker')
    .option('--json', 'one JSON object a line', false)
    .addHelpText('after', EXAMPLES)
    .action(answer)
}

async function answer(options: ContainersOptions, command: Command): Promise<void> {
  const sockets = { flag: '--docker-socket', path: 'collector.dockerSockets', value: options.dockerSocket }
  const { config, log } = commandContext(command, [sockets])
  const rows = new Map<string, Row>()
  const runtimes = config.collector.dockerSockets.map((socketPath) => new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath }, log))
  const tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, { runtimes, log, onEvent: (event) => note(rows, event) })
  try {
    print(chosen(rows, options, tracker), options.json)
  } finally {
    await tracker.stop('answered')
  }
}

function note(rows: Map<string, Row>, event: ContainerEventBody): void {
  if (event.type === 'stopped' || event.type === 'removed') {
    rows.delete(event.containerId)
    return
  }
  const before = rows.get(event.containerId)
  rows.set(event.containerId, {
    containerId: event.containerId,
    runtime: event.runtime,
    name: event.facts?.name ?? before?.name ?? null,
    image: event.facts?.image ?? before?.image ?? null,
    isPrivileged: event.facts?.isPrivileged ?? before?.isPrivileged ?? null,
    initPid: event.initPid ?? before?.initPid ?? null,
    cgroupId: event.cgroupId ?? before?.cgroupId ?? null,
    cgroupPath: event.cgroupPath ?? before?.cgroupPath ?? null,
  })
}

function chosen(rows: ReadonlyMap<string, Row>, options: ContainersOptions, tracker: ContainerTracker): readonly Row[] {
  const { pid, cgroup, id } = options
  if (pid === undefined && cgroup === undefined) return [...rows.values()].filter(({ containerId }) => containerId.startsWith(id ?? ''))
  const ids = pid === undefined ? bothKinds(cgroup ?? 0n) : cgroupsOf(pid)
  for (const { cgroupId, isV1 } of ids) {
    const { containerId } = tracker.membershipOf(cgroupId, isV1)
    const row = containerId === null ? undefined : rows.get(containerId)
    if (row !== undefined) return [row]
  }
  return []
}

interface CgroupPlace {
  readonly cgroupId: bigint
  readonly isV1: boolean
}

function bothKinds(cgroupId: bigint): readonly CgroupPlace[] {
  return [false, true].map((isV1) => ({ cgroupId, isV1 }))
}

/** The cgroups of a process in the hierarchies that are followed; the id of a cgroup is the inode of its folder. */
function cgroupsOf(pid: number): readonly CgroupPlace[] {
  let text: string
  try {
    text = readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8')
  } catch {
    throw new UsageError(`there is no process ${String(pid)}`)
  }
  const lines = text.split('\n').flatMap((line) => parseCgroupLine(line) ?? [])
  return findCgroupHierarchies().flatMap((hierarchy) => {
    const line = lines.find(({ hierarchyId }) => hierarchyId === hierarchy.hierarchyId)
    const cgroupId = line === undefined ? null : inodeOf(hierarchy, line.path)
    return cgroupId === null ? [] : [{ cgroupId, isV1: hierarchy.kind === 'v1' }]
  })
}

function inodeOf(hierarchy: CgroupHierarchy, path: string): bigint | null {
  try {
    return statSync(join(hierarchy.mountPoint, relative(hierarchy.rootPath, path)), { bigint: true }).ino
  } catch {
    return null
  }
}

function print(rows: readonly Row[], isJson: boolean): void {
  if (isJson) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    return
  }
  const text = columnTable(
    [
      { title: 'CONTAINER', value: ({ containerId }) => containerId.slice(0, 12) },
      { title: 'RUNTIME', value: ({ runtime }) => runtime },
      { title: 'NAME', value: ({ name }) => name ?? '-' },
      { title: 'IMAGE', value: ({ image }) => image ?? '-' },
      { title: 'PID', value: ({ initPid }) => (initPid === null ? '-' : String(initPid)) },
      { title: 'CGROUP', value: ({ cgroupId }) => cgroupId ?? '-' },
    ],
    rows,
  )
  process.stdout.write(rows.length === 0 ? 'no container\n' : text)
}

function parsePid(text: string): number {
  const pid = Number(text)
  if (!Number.isInteger(pid) || pid < 1 || pid > 4_194_304) throw new InvalidArgumentError('Expected a process id.')
  return pid
}

function parseCgroupId(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new InvalidArgumentError('Expected the id of a cgroup: a number, as events have it.')
  return BigInt(text)
}
