// An attack that comes to a usual end by calls, names and places that are less usual.
import { FALCO_EVENT_ONLY, TETRAGON_EXEC, tetragonPolicy, type Attack, type AttackFamily } from './attack.js'

/** In a container, and read but not judged by Falco, unless it says otherwise. `hook` is Tetragon's; null for an exec. */
export type Detour = Omit<Attack, 'place' | 'falco' | 'tetragon'> &
  Partial<Pick<Attack, 'place' | 'falco'>> & { readonly hook: string | null }

/** The family of these. */
export function detours(title: string, list: readonly Detour[]): AttackFamily {
  const attacks = list.map(({ hook, ...attack }): Attack => {
    const tetragon = hook === null ? TETRAGON_EXEC : tetragonPolicy(hook)
    return { place: 'container', falco: FALCO_EVENT_ONLY, tetragon, ...attack }
  })
  return { title, attacks }
}
