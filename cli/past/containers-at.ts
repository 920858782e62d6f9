// `eunomia containers --at`: who was in which container at a time.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { counted, printable, printableJson } from '../../infra/text/printable.js'
import { type ContainerAt, readContainersAt } from '../../processors/forensics/story/containers-at.js'
import { columnTable, cut } from '../terminal/terminal-text.js'
import { withPast } from './open-past.js'

const SHORT_ID = 12
const MAX_PIDS_WIDTH = 40

/** Flags of the command. */
export interface ContainersAtOptions {
  /** Unix milliseconds. */
  readonly at: number
  readonly lookBack: number
  readonly pid?: number
  readonly id?: string
  readonly cgroup?: string
  readonly json: boolean
}

/** Prints the containers of all hosts. */
export async function printContainersAt(command: Command, options: ContainersAtOptions): Promise<void> {
  const { at, lookBack, pid, id, cgroup, json } = options
  if (cgroup !== undefined) throw new UsageError('--cgroup can not be looked up with --at: use --pid or --id')
  const { found, notes } = await withPast(command, async ({ reader }) => {
    const { containers, beyond } = await readContainersAt(at, lookBack, reader)
    const wanted = containers.filter((one) => isWanted(one, pid, id))
    return {
      found: wanted,
      notes: [
        ...(beyond > 0 ? [`${counted(beyond, 'event')} found no room`] : []),
        ...reader.unread.map((reason) => `not read: ${reason}`),
      ],
    }
  })
  const { stdout } = process
  if (json) stdout.write(found.map((one) => `${stdout.isTTY ? printableJson(JSON.stringify(one)) : JSON.stringify(one)}\n`).join(''))
  else stdout.write(found.length === 0 ? 'no container\n' : table(found))
  for (const note of notes) process.stderr.write(`${printable(note)}\n`)
}

function isWanted({ containerId, name, processes }: ContainerAt, pid: number | undefined, id: string | undefined): boolean {
  if (pid !== undefined && !processes.some((process) => process.pid === pid)) return false
  return id === undefined || containerId.startsWith(id) || name === id
}

function table(containers: readonly ContainerAt[]): string {
  return columnTable(
    [
      { title: 'HOST', value: ({ hostName }) => hostName },
      { title: 'CONTAINER', value: ({ containerId }) => containerId.slice(0, SHORT_ID) },
      { title: 'RUNTIME', value: ({ runtime }) => runtime ?? '?' },
      {
        title: 'NAME',
        value: ({ name, pod }) => (name === null ? '(not known)' : pod === null ? name : `${name} (${pod.namespace}/${pod.name})`),
      },
      { title: 'IMAGE', value: ({ image }) => image ?? '?' },
      {
        title: 'PROCESSES',
        value: ({ processes }) =>
          cut(processes.map(({ pid, name }) => `${String(pid)} ${name ?? ''}`.trimEnd()).join(', '), MAX_PIDS_WIDTH),
      },
    ],
    containers,
  )
}
