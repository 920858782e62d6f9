// The severity of an alert in the scales of the receivers: the one table, which docs/siem.md shows.
import type { Priority } from './generated/types.js'

/** A priority in each scale. */
export interface AlertSeverity {
  /** OCSF severity_id, 1 to 6; 0 for unknown. */
  readonly ocsf: number
  /** Caption of it. */
  readonly ocsfName: string
  /** ECS event.severity, the values of Elastic's detection rules; 0 for unknown. */
  readonly ecs: number
  /** CEF, 0 to 10. */
  readonly cef: number | 'Unknown'
  /** Severity of syslog (RFC 5424), 0 is the highest. */
  readonly syslog: number
  /** Alertmanager's label, and PagerDuty's severity. */
  readonly pager: 'critical' | 'error' | 'warning' | 'info'
}

/** Of each priority. */
export const ALERT_SEVERITY: Readonly<Record<Priority, AlertSeverity>> = {
  UNKNOWN: { ocsf: 0, ocsfName: 'Unknown', ecs: 0, cef: 'Unknown', syslog: 5, pager: 'warning' },
  emergency: { ocsf: 6, ocsfName: 'Fatal', ecs: 99, cef: 10, syslog: 0, pager: 'critical' },
  alert: { ocsf: 6, ocsfName: 'Fatal', ecs: 99, cef: 9, syslog: 1, pager: 'critical' },
  critical: { ocsf: 5, ocsfName: 'Critical', ecs: 99, cef: 8, syslog: 2, pager: 'critical' },
  error: { ocsf: 4, ocsfName: 'High', ecs: 73, cef: 7, syslog: 3, pager: 'error' },
  warning: { ocsf: 3, ocsfName: 'Medium', ecs: 47, cef: 5, syslog: 4, pager: 'warning' },
  notice: { ocsf: 2, ocsfName: 'Low', ecs: 21, cef: 3, syslog: 5, pager: 'info' },
  informational: { ocsf: 1, ocsfName: 'Informational', ecs: 21, cef: 2, syslog: 6, pager: 'info' },
  debug: { ocsf: 1, ocsfName: 'Informational', ecs: 21, cef: 1, syslog: 7, pager: 'info' },
}
