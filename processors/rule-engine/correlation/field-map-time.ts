// When an event was that is given as a map of fields: by the names that logs have for it.
import type { FieldMap } from '../evaluate/field-map.js'

/** In this order, the first that is a time counts. */
const TIME_FIELDS = ['timestamp', '@timestamp', 'UtcTime', 'EventTime', 'TimeCreated', 'SystemTime', '_time', 'time', 'evt.rawtime']

/** Unix microseconds; null when no field says it. */
export function timeOfFields(map: FieldMap): number | null {
  for (const name of TIME_FIELDS) {
    const given = Object.hasOwn(map, name) ? map[name] : undefined
    const timeUs = typeof given === 'number' ? ofNumber(given) : typeof given === 'string' ? ofText(given.trim()) : null
    if (timeUs !== null) return timeUs
  }
  return null
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970: told apart by size, for times from 1973 on. */
function ofNumber(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null
  if (value >= 1e17) return Math.round(value / 1e3)
  if (value >= 1e14) return Math.round(value)
  return Math.round(value >= 1e11 ? value * 1e3 : value * 1e6)
}

/** A number, or a date as ISO 8601 or Sysmon writes it. Without a zone it is UTC. */
function ofText(text: string): number | null {
  if (/^[0-9]{1,19}(?:\.[0-9]{1,9})?$/.test(text)) return ofNumber(Number(text))
  const match =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,9}))?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?$/i.exec(text)
  if (match === null) return null
  const [, date = '', time = '', fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${date}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
