// Which alert goes to which sinks: routes in their order, the first that matches or all of them, and a default route.
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { ALERT_MATCH, CompiledMatch, type Mismatch } from './alert-match.js'

const SINK_NAMES = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 100 })

/** `routing` of the settings of delivery. */
export const ROUTING = Type.Object(
  {
    /** `first`: an alert takes the first route that matches; `all`: every one. Default `first`. */
    use: Type.Optional(Type.Enum(['first', 'all'])),
    routes: Type.Optional(
      Type.Array(
        Type.Object(
          { name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })), match: ALERT_MATCH, to: SINK_NAMES },
          { additionalProperties: false },
        ),
        { maxItems: 1_000 },
      ),
    ),
    /** Where an alert goes that no route matches. Default: every sink. */
    default: Type.Optional(SINK_NAMES),
  },
  { additionalProperties: false },
)
export type Routing = Shaped<typeof ROUTING>

/** A route, and whether an alert takes it. */
export interface RouteStep {
  /** Its name, or its number from 1; `default`. */
  readonly route: string
  readonly to: readonly string[]
  /** Why it does not match; null if it does. */
  readonly mismatch: Mismatch | null
  /** False for one that matches after the first. */
  readonly isTaken: boolean
}

interface Route {
  readonly name: string
  readonly match: CompiledMatch
  readonly to: readonly string[]
}

/** The routes, compiled. */
export class Routes {
  readonly #routes: readonly Route[]
  readonly #isFirst: boolean
  readonly #default: readonly string[]

  /** @param sinks names of all sinks */
  constructor({ use = 'first', routes = [], default: others }: Routing, sinks: readonly string[]) {
    this.#routes = routes.map(({ name, match, to }, index) => ({ name: name ?? String(index + 1), match: new CompiledMatch(match), to }))
    this.#isFirst = use === 'first'
    this.#default = others ?? sinks
  }

  /** Whether the alert goes to this sink. */
  includes(sink: string, alert: Alert): boolean {
    let isAny = false
    for (const { match, to } of this.#routes) {
      if (!match.matches(alert)) continue
      if (to.includes(sink)) return true
      if (this.#isFirst) return false
      isAny = true
    }
    return !isAny && this.#default.includes(sink)
  }

  /** Every route with the reason why the alert takes it or not. The default route is the last one. */
  explain(alert: Alert): RouteStep[] {
    let isAny = false
    const steps = this.#routes.map(({ name, match, to }): RouteStep => {
      const mismatch = match.mismatchOf(alert)
      const isTaken = mismatch === null && !(this.#isFirst && isAny)
      isAny ||= mismatch === null
      return { route: name, to, mismatch, isTaken }
    })
    return [...steps, { route: 'default', to: this.#default, mismatch: null, isTaken: !isAny }]
  }
}

/** Sinks that routes name and that do not exist, with their place, as `routes[2].to`. */
export function unknownSinks({ routes = [], default: others = [] }: Routing, sinks: readonly string[]): { place: string; sink: string }[] {
  const named = [...routes.map(({ to }, index) => ({ place: `routes[${String(index)}].to`, to })), { place: 'default', to: others }]
  return named.flatMap(({ place, to }) => to.filter((sink) => !sinks.includes(sink)).map((sink) => ({ place, sink })))
}
