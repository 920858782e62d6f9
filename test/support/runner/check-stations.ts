// Check of the tree: the stations of "Follow one exec" in docs/architecture.md exist, each a file and a function in it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../infra/process/package-root.js'

const PAGE = 'docs/architecture.md'
const HEADING = /^(#+) .*\bfollow one exec\b/i
const LEAST_STATIONS = 12

/** One place that an event passes. */
export interface Station {
  readonly file: string
  /** A function, method or program of the file: `name`, `#name`, `Class.name` or `name()`. */
  readonly name: string
}

/** The lines below the heading, up to the next one of its level, that contain a path and a name in backticks, in this order. */
export function stationsIn(page: string): Station[] {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => HEADING.test(line))
  if (start < 0) return []
  const level = HEADING.exec(lines[start] ?? '')?.[1]?.length ?? 1
  const length = lines.slice(start + 1).findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? Infinity) <= level)
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).flatMap((line) => {
    const items = [...line.matchAll(/`([^`]+)`/g)].map(([, item = '']) => item)
    const at = items.findIndex((item) => /^[\w./-]+\/[\w.-]+\.(ts|c|cc|h)$/.test(item))
    const [file, name] = [items[at], items[at + 1]]
    return at < 0 || file === undefined || name === undefined ? [] : [{ file, name }]
  })
}

/** One message for each station without its file, or whose file does not contain the name. @param read null for a file that does not exist */
export function missingStations(stations: readonly Station[], read: (file: string) => string | null): string[] {
  return stations.flatMap(({ file, name }) => {
    const source = read(file)
    if (source === null) return [`${PAGE}: there is no ${file}`]
    const identifier = /#?\w+(?=(\(.*\))?$)/.exec(name)?.[0] ?? name
    const isThere = new RegExp(`(?<![\\w#])${identifier}(?!\\w)`).test(source)
    return isThere ? [] : [`${PAGE}: ${file} contains no ${name}`]
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = packageRoot()
  const stations = stationsIn(readFileSync(join(root, PAGE), 'utf8'))
  const mistakes = missingStations(stations, (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : null))
  if (stations.length < LEAST_STATIONS) mistakes.push(`${PAGE}: "Follow one exec" has ${String(stations.length)} stations`)
  for (const mistake of mistakes) console.error(mistake)
  process.exitCode = mistakes.length === 0 ? 0 : 1
}
