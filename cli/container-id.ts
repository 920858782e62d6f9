// `eunomia container-id`: cgroup paths on stdin -> runtime and container id. Reads text only: no kernel, no runtime, no proof.
import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import { pathOfLineOrPath, parseCgroupPath, resolveNamespacePath } from '../infra/text/cgroup-path.js'
import { UsageError } from '../infra/process/errors.js'
import { answerJsonLines, readLines, writeText } from '../infra/process/json-lines.js'
import { printable } from '../infra/text/printable.js'

const EXAMPLES = `
Examples:
  eunomia container-id < /proc/1234/cgroup
  find /sys/fs/cgroup -type d | eunomia container-id
  echo '{"id":1,"path":"0::/docker/…"}' | eunomia container-id --json
  echo '{"id":2,"prefixPath":"/docker/…","path":"/../../init.scope"}' | eunomia container-id --json`

/** Adds the command to the program. */
export function registerContainerIdCommand(program: Command): void {
  program
    .command('container-id')
    .description('cgroup paths, or lines of /proc/PID/cgroup, on stdin -> runtime and container id that they name')
    .option('--json', 'JSON lines: {"id","path"} -> {"id","containerId","runtime"}; {"id","prefixPath","path"} -> {"id","resolved"}', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json: boolean }) => {
      if (options.json) await answerJsonLines(process.stdin, process.stdout, answerContainerId)
      else await printContainerIds(process.stdin, process.stdout)
    })
}

/**
 * Answers one request of the JSON mode.
 * @throws UsageError if `path` is not a string
 */
export function answerContainerId(request: Readonly<Record<string, unknown>>): object {
  const { path, prefixPath } = request
  const id = request['id'] ?? null
  if (typeof path !== 'string') throw new UsageError('path: expected a string')
  if (prefixPath !== undefined) {
    if (typeof prefixPath !== 'string') throw new UsageError('prefixPath: expected a string')
    return { id, resolved: resolveNamespacePath(prefixPath, path) }
  }
  const claim = parseCgroupPath(pathOfLineOrPath(path))
  return { id, containerId: claim?.containerId ?? null, runtime: claim?.runtime ?? null }
}

/** One line for each line of `input`: runtime and container id in columns, `-` for none. Whoever created the cgroup chose the names. */
export async function printContainerIds(input: Readable, output: Writable): Promise<void> {
  for await (const line of readLines(input)) {
    const claim = line === null ? null : parseCgroupPath(pathOfLineOrPath(line))
    await writeText(output, `${(claim?.runtime ?? '-').padEnd(12)}${printable(claim?.containerId ?? '-')}\n`)
  }
}
