// The page of metrics of a running command, as Prometheus reads it.
import type { EunomiaProcess } from './eunomia-process.js'

/** Waits until the command prints the address of its page. @returns reads the page: values by name and labels */
export async function metricsPage(eunomia: EunomiaProcess): Promise<() => Promise<ReadonlyMap<string, number>>> {
  const url = await eunomia.until('it serves metrics', () => /http:\/\/[^\s"]+\/metrics/.exec(eunomia.stderr)?.[0])
  return async () => {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${url}: ${String(response.status)}`)
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
  }
}
