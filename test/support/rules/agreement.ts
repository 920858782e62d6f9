// Two engines on one event: if they differ, the smallest field map that still shows the difference.
import type { Verdict } from '../oracle/kleene.js'
import type { GeneratedMap } from '../generator/field-maps.js'

/** Verdicts of both engines. */
export interface Verdicts {
  readonly engine: Verdict
  readonly oracle: Verdict
}

export type BothVerdicts = (map: GeneratedMap) => Verdicts

/** The map reduced to the fields that the disagreement needs. */
export function shrunkMap(map: GeneratedMap, verdictsOn: BothVerdicts): GeneratedMap {
  let smallest = map
  for (const key of [...Object.keys(map.fields), ...map.open]) {
    const fields = Object.fromEntries(Object.entries(smallest.fields).filter(([name]) => name !== key))
    const smaller = { fields, open: new Set([...smallest.open].filter((name) => name !== key)) }
    if (differs(verdictsOn(smaller))) smallest = smaller
  }
  return smallest
}

export function differs({ engine, oracle }: Verdicts): boolean {
  return engine !== oracle
}

/** The message for a disagreement. */
export function disagreementText(rule: string, map: GeneratedMap, verdictsOn: BothVerdicts, seed: number): string {
  const smallest = shrunkMap(map, verdictsOn)
  const { engine, oracle } = verdictsOn(smallest)
  const open = smallest.open.size === 0 ? '' : `, not known yet: ${[...smallest.open].join(', ')}`
  return `${rule}\n  on ${JSON.stringify(smallest.fields)}${open}\n  engine says ${String(engine)}, oracle ${String(oracle)} (seed ${String(seed)})`
}
