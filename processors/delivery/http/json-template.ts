// A JSON body with places for values of an alert: `{"text": "{{rule}} on {{origin.hostName}}"}`. The template is read once. A value is escaped as
// JSON text and never read as template, so that no alert changes the form of the body.
import type { Alert } from '../../../schemas/generated/types.js'

const PLACE = /\{\{([^{}]*)\}\}/g

/** What is wrong with a template. */
export function templateMistakesOf(template: string): string[] {
  try {
    JSON.parse(template.replace(PLACE, 'x'))
    return []
  } catch {
    return ['template must be JSON, with each {{place}} within the quotes of a text']
  }
}

/** The function that fills a template: a place is the name of a field, with dots for those within; nothing where the alert has none. */
export function jsonTemplate(template: string): (alert: Alert) => string {
  // Texts at even places, names at odd ones.
  const parts = template.split(PLACE)
  return (alert) => parts.map((part, index) => (index % 2 === 0 ? part : placeText(alert, part.trim()))).join('')
}

function placeText(alert: Alert, name: string): string {
  const value = valueAt(alert, name)
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
  return JSON.stringify(text).slice(1, -1)
}

/** Names with dots of their own, as those of outputFields and labels, are one name. */
function valueAt(owner: unknown, name: string): unknown {
  if (typeof owner !== 'object' || owner === null) return undefined
  if (Object.hasOwn(owner, name)) return (owner as Readonly<Record<string, unknown>>)[name]
  const at = name.indexOf('.')
  return at < 0 || !Object.hasOwn(owner, name.slice(0, at))
    ? undefined
    : valueAt((owner as Readonly<Record<string, unknown>>)[name.slice(0, at)], name.slice(at + 1))
}
