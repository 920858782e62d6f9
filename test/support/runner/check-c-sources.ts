// Lint of the C and C++ sources: at most 400 lines a file, and formatted as .clang-format says (where clang-format is there).
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'

const MAX_LINES = 400
const FOLDERS = ['bpf', 'native', 'test/workloads']
const SOURCE = /\.(c|cc|h|hh)$/

function sources(): string[] {
  return FOLDERS.filter((folder) => existsSync(join(packageRoot(), folder))).flatMap((folder) =>
    readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => SOURCE.test(file) && !file.split('/').includes('build'))
      .map((file) => join(folder, file)),
  )
}

function mistakes(files: readonly string[]): string[] {
  const tooLong = files.flatMap((file) => {
    const lines = readFileSync(join(packageRoot(), file), 'utf8').split('\n').length - 1
    return lines > MAX_LINES ? [`${file}: ${String(lines)} lines, more than ${String(MAX_LINES)}: find the second concept in it`] : []
  })
  const format = spawnSync('clang-format-19', ['--dry-run', '--Werror', ...files], { cwd: packageRoot(), encoding: 'utf8' })
  if (format.error !== undefined) process.stdout.write('clang-format-19 is not there: lengths only\n')
  else if (format.status !== 0) tooLong.push(format.stderr)
  return tooLong
}

const found = mistakes(sources())
for (const mistake of found) process.stdout.write(`${mistake}\n`)
process.exitCode = found.length === 0 ? 0 : 1
