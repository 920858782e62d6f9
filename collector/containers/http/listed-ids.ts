// The answer of a list of containers by Docker or podman -> whole ids.
import { asObject, listAt, textAt } from '../facts/json-fields.js'

/** Ids of the list, at most `maxListed`, and how many entries were left out. What is no whole id is passed over. */
export function listedIds(answer: unknown, maxListed: number): { readonly ids: readonly string[]; readonly cut: number } {
  const ids: string[] = []
  for (const entry of listAt({ answer }, 'answer', maxListed)) {
    const id = textAt(asObject(entry) ?? {}, 'Id', 128)
    if (/^[0-9a-f]{64}$/.test(id)) ids.push(id)
  }
  return { ids, cut: Array.isArray(answer) ? Math.max(0, answer.length - maxListed) : 0 }
}
