// Removes the leftovers of a test daemon: processes, mounts, cgroups and its folder, also those of killed runs.
// Ends only processes whose command line or cgroup names a folder or container of a test daemon of ours.
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeUnmounted } from '../mounted-folder.js'

/** Prefix of the folders of test daemons, below the temp folder. */
export const FOLDER_PREFIX = 'eunomia-docker-'

const DEADLINE_MS = 10_000

/** Removes the daemons whose test run is gone. */
export function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue
    const folder = join(tmpdir(), name)
    const owner = existsSync(join(folder, 'owner')) ? readFileSync(join(folder, 'owner'), 'utf8') : ''
    if (owner !== '' && existsSync(`/proc/${owner}`)) continue
    removeDaemonFolder(folder)
  }
}

/** Ends every process of the daemon in `folder`, unmounts what is mounted below it, and removes it. */
export function removeDaemonFolder(folder: string): void {
  const deadline = Date.now() + DEADLINE_MS
  const containers = new Set<string>()
  const cgroups = new Set<string>()
  // A shim whose container ends may start the clean-up of others, so check again until none is left.
  for (;;) {
    const pids = processesOf(folder, containers)
    for (const id of containers) pids.push(...processesOfContainer(id, cgroups))
    if (pids.length === 0 || Date.now() > deadline) break
    for (const pid of pids) kill(pid)
  }
  for (const path of cgroups) removeCgroups(path)
  removeUnmounted(folder)
}

function processesOf(folder: string, containers: Set<string>): number[] {
  const pids: number[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const args = commandLine(pid)
    if (!args.some((argument) => argument.includes(`${folder}/`))) continue
    if (!/^(dockerd|containerd|containerd-shim.*|runc|docker-init|podman|conmon)$/.test(args[0]?.split('/').pop() ?? '')) continue
    pids.push(pid)
    for (const [index, flag] of args.entries()) {
      const id = args[index + 1] ?? ''
      // As shims of containerd and conmon name their container.
      if ((flag === '-id' || flag === '-c') && /^[0-9a-f]{64}$/.test(id)) containers.add(id)
    }
  }
  return pids
}

function commandLine(pid: number): string[] {
  return readText(`/proc/${pid}/cmdline`).split('\0')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // the process has ended
  }
}

function hierarchies(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] ?? '')
}

/** Processes of a container, wherever its cgroup is; the paths of its cgroups are added to `cgroups`. */
function processesOfContainer(containerId: string, cgroups: Set<string>): number[] {
  const pids: number[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const text = readText(`/proc/${pid}/cgroup`)
    const path = new RegExp(`:(/[^\n:]*/(?:libpod-)?${containerId})`).exec(text)?.[1]
    if (path === undefined) continue
    pids.push(pid)
    cgroups.add(path)
  }
  return pids
}

/** Removes a cgroup, if it is empty, from all hierarchies. */
export function removeCgroups(path: string): void {
  for (const root of hierarchies()) {
    try {
      rmdirSync(join(root, path))
    } catch {
      // not there, or removed by the runtime
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
