// The filters of a user: which processes, users, containers, ports and outcomes are reported. Settings, flags and the control API use one form, which
// is parsed here. Forks, execs, exits and cgroups are always reported: they identify processes and containers.
import { EunomiaError } from '../../infra/process/errors.js'
import { JsonShape, type Shaped, Type } from '../../infra/config/json-shape.js'

/** An invalid filter. The message names the field and what was expected. */
export class EventFilterError extends EunomiaError {
  static override readonly code = 'EUNOMIA_EVENT_FILTER'
  static override readonly isUserMistake = true
}

/** Which results of calls are emitted. */
export const OUTCOMES = ['all', 'succeeded', 'failed'] as const
export type Outcome = (typeof OUTCOMES)[number]

const PORTS = Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }))

/**
 * Values by field. `pid`, `uid`: numbers on the host. `port`: of the server's end of a connection or flow; `localPort`, `remotePort`: of that end as the
 * process sees it; `anyPort`: of either end. Whoever connects chooses the own port, so that an `except` by any of these three can be chosen, too.
 * `container`: by name, RUNTIME/NAME, digest of the image, or the first six or more digits of the id; `host` means outside of containers. In `except`, a
 * name alone is refused, because any tenant may choose it, and an id has twelve digits or more.
 */
const VALUES = Type.Object({
  pid: Type.Array(Type.Integer({ minimum: 0, maximum: 4_194_304 })),
  uid: Type.Array(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
  port: PORTS,
  localPort: PORTS,
  remotePort: PORTS,
  anyPort: PORTS,
  container: Type.Array(Type.String({ minLength: 1, maxLength: 255 })),
})
export type FilteredValues = Shaped<typeof VALUES>

/** A field in `only` restricts events to its values; a field in `except` suppresses its values. */
export const EVENT_FILTERS = Type.Object({ only: VALUES, except: VALUES, outcome: Type.Enum(OUTCOMES) })
export type EventFilters = Shaped<typeof EVENT_FILTERS>

/** Input form: an absent field suppresses nothing. */
const GIVEN_VALUES = Type.Partial(VALUES, { additionalProperties: false })
/** Most values of all fields together. */
export const MAX_FILTERED_VALUES = 4096

const GIVEN_FILTERS = new JsonShape(
  Type.Partial(Type.Object({ only: GIVEN_VALUES, except: GIVEN_VALUES, outcome: Type.Enum(OUTCOMES) }), { additionalProperties: false }),
  2 * MAX_FILTERED_VALUES,
)

const NO_VALUES: FilteredValues = { pid: [], uid: [], port: [], localPort: [], remotePort: [], anyPort: [], container: [] }

/** Suppresses nothing. */
export const NO_EVENT_FILTERS: EventFilters = { only: NO_VALUES, except: NO_VALUES, outcome: 'all' }

const FIELDS = ['pid', 'uid', 'port', 'localPort', 'remotePort', 'anyPort', 'container'] as const

/** Parses FIELD=VALUE texts of settings and flags. @throws EventFilterError */
export function eventFiltersOf(only: readonly string[], except: readonly string[], outcome: Outcome): EventFilters {
  if (only.length === 0 && except.length === 0) return { ...NO_EVENT_FILTERS, outcome }
  return parseEventFilters({ only: valuesOfTexts(only, 'only'), except: valuesOfTexts(except, 'except'), outcome })
}

/** Parses JSON of the control API. @throws EventFilterError */
export function parseEventFilters(json: unknown): EventFilters {
  if (!GIVEN_FILTERS.fits(json)) throw refused(GIVEN_FILTERS.mismatchOf(json) ?? '')
  const { only, except, outcome = 'all' } = json
  const filters = { only: { ...NO_VALUES, ...only }, except: { ...NO_VALUES, ...except }, outcome }
  const values = [filters.only, filters.except].flatMap((one) => FIELDS.map((field) => one[field].length))
  const count = values.reduce((sum, length) => sum + length, 0)
  for (const wanted of filters.except.container) if (!isExactContainer(wanted)) throw refused(notExact(wanted))
  if (count > MAX_FILTERED_VALUES) throw refused(`${String(count)} values exceed the limit of ${String(MAX_FILTERED_VALUES)}`)
  return filters
}

/** Converts digits to numbers; the schema checks the rest. */
function valuesOfTexts(texts: readonly string[], place: string): unknown {
  const values = new Map<string, (string | number)[]>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1) throw refused(`${place}: ${JSON.stringify(text)} is not of the form FIELD=VALUE, such as container=web`)
    const [field, value] = [text.slice(0, at), text.slice(at + 1)]
    const number = field !== 'container' && /^\d{1,10}$/.test(value) ? Number(value) : value
    values.set(field, [...(values.get(field) ?? []), number])
  }
  return Object.fromEntries(values)
}

const EXACT_CONTAINER = /^(?:host|[0-9a-f]{12,64}|sha256:[0-9a-f]{64}|[a-z-]{2,20}\/.+)$/

/** Says which container is meant in a way that no other container can take over. */
function isExactContainer(wanted: string): boolean {
  return EXACT_CONTAINER.test(wanted)
}

const notExact = (wanted: string): string =>
  `except: container=${JSON.stringify(wanted)} may be the name of any tenant's container: write RUNTIME/NAME (docker/${wanted}: of a runtime of root, outside of Kubernetes), 12 or more digits of the id, or the digest of the image (sha256:...)`

const refused = (why: string): EventFilterError => new EventFilterError(`invalid filters: ${why}`)
