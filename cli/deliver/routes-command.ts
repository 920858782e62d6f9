// `eunomia deliver routes test`: where an alert goes, and why.
import type { Routes, RouteStep } from '../../processors/delivery/routes.js'
import type { Alert } from '../../schemas/generated/types.js'
import { columnTable } from '../terminal/terminal-text.js'

/** A table of the routes and why the alert takes each or not, and the sinks that get it. */
export function routesText(alert: Alert, steps: readonly RouteStep[], sinks: readonly string[]): string {
  const table = columnTable(
    [
      { title: 'ROUTE', value: ({ route }: RouteStep) => route },
      { title: 'TAKEN', value: ({ isTaken }) => (isTaken ? 'yes' : 'no') },
      { title: 'TO', value: ({ to }) => (to.length === 0 ? 'nobody' : to.join(', ')) },
      { title: 'WHY', value: whyOf },
    ],
    steps,
  )
  return `${table}\n${alert.alertId} goes to ${sinks.length === 0 ? 'no sink' : sinks.join(', ')}\n`
}

function whyOf({ mismatch, isTaken, route }: RouteStep): string {
  if (mismatch !== null) return `${mismatch.field} is ${mismatch.found === '' ? 'not known' : mismatch.found}, wanted ${mismatch.wanted}`
  if (route === 'default') return isTaken ? 'no route matches' : 'a route matches'
  return isTaken ? 'matches' : 'matches, but an earlier route does too'
}

/** The sinks that the alert goes to. */
export function sinksOf(routes: Routes, alert: Alert, sinks: readonly string[]): string[] {
  return sinks.filter((sink) => routes.includes(sink, alert))
}
