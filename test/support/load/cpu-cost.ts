// What a piece of work costs in CPU, as benches state it: the median of several runs, and the collector of garbage counted in.

/** CPU microseconds of one call of `work`, the median of the runs; a first call is not counted. */
export function medianCpuUs(runs: number, work: () => void): number {
  work()
  const costs: number[] = []
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage()
    work()
    const used = process.cpuUsage(before)
    costs.push(used.user + used.system)
  }
  return costs.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
}

/** One figure of a bench, as a JSON line on stdout. */
export function printFigure(bench: string, figure: string, values: Readonly<Record<string, string | number>>): void {
  const rounded = Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? Number(value.toPrecision(4)) : value])
  process.stdout.write(`${JSON.stringify({ bench, figure, ...Object.fromEntries(rounded) })}\n`)
}
