// A unit file as systemd reads it, as far as tests need it: settings of all sections, and its filter of system calls as numbers.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One setting, with the comment right above it. */
export interface UnitSetting {
  readonly name: string
  readonly value: string
  readonly comment: string
}

/** Reads a unit in which no line goes on in the next. */
export function unitSettings(path: string): UnitSetting[] {
  const settings: UnitSetting[] = []
  let comment: string[] = []
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, name, value = ''] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? []
    if (line.startsWith('#')) comment.push(line)
    else {
      if (name !== undefined) settings.push({ name, value, comment: comment.join(' ') })
      comment = []
    }
  }
  return settings
}

/** Words of all settings of a name. */
export function wordsOf(settings: readonly UnitSetting[], name: string): string[] {
  return settings.filter((setting) => setting.name === name).flatMap(({ value }) => value.split(' '))
}

/** Names of the system calls that a service may make, of an allow list and the deny lists behind it. */
export function allowedNames(settings: readonly UnitSetting[]): ReadonlySet<string> {
  const allowed = new Set<string>()
  for (const { value } of settings.filter(({ name }) => name === 'SystemCallFilter')) {
    const isDenied = value.startsWith('~')
    for (const word of value.replace('~', '').split(' '))
      for (const call of word.startsWith('@') ? callsOfGroup(word) : [word]) {
        if (isDenied) allowed.delete(call)
        else allowed.add(call)
      }
  }
  return allowed
}

/** Their numbers on this machine. */
export function allowedCalls(settings: readonly UnitSetting[]): number[] {
  const numbers = callNumbers()
  return [...allowedNames(settings)].flatMap((call) => numbers.get(call) ?? [])
}

function callsOfGroup(group: string): string[] {
  const { stdout } = spawnSync('systemd-analyze', ['syscall-filter', group], { encoding: 'utf8' })
  const lines = stdout.split('\n').slice(1)
  return lines.flatMap((line) => {
    const word = line.trim()
    return word === '' || word.startsWith('#') ? [] : word.startsWith('@') ? callsOfGroup(word) : [word]
  })
}

/** As the headers of this machine have them. */
function callNumbers(): ReadonlyMap<string, number> {
  const { stdout } = spawnSync('cc', ['-E', '-dM', '-include', 'sys/syscall.h', '-x', 'c', '/dev/null'], { encoding: 'utf8' })
  return new Map([...stdout.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name = '', number]) => [name, Number(number)]))
}
