// The formats in which alerts leave: one text per alert, without a line break. Sinks and `eunomia alerts --format` use them.
import { packageVersion } from '../infra/process/package-root.js'
import { cefLineOf } from './cef/cef-line.js'
import { ecsDocumentOf } from './ecs/ecs-document.js'
import type { Alert } from './generated/types.js'
import { ocsfFindingOf } from './ocsf/detection-finding.js'

/** Formats: OCSF 1.8 and ECS 9.4 as JSON, CEF, and the record of the topic as JSON. */
export const ALERT_FORMATS = ['ocsf', 'ecs', 'cef', 'json'] as const

export type AlertFormat = (typeof ALERT_FORMATS)[number]

/** The function that writes alerts in a format. */
export function alertWriter(format: AlertFormat): (alert: Alert) => string {
  switch (format) {
    case 'ocsf':
      return (alert) => jsonText(ocsfFindingOf(alert))
    case 'ecs':
      return (alert) => jsonText(ecsDocumentOf(alert))
    case 'cef': {
      const version = packageVersion()
      return (alert) => cefLineOf(alert, version)
    }
    case 'json':
      return jsonText
  }
}

/** JSON of one line. A lone surrogate, which is no text in UTF-8, becomes U+FFFD: receivers refuse its escape. */
export function jsonText(value: object): string {
  const json = JSON.stringify(value)
  // A pair of backslashes is text, and what follows it is no escape.
  return json.includes('\\ud')
    ? json.replace(/\\(?:\\|(ud[89a-f][0-9a-f]{2}))/g, (match, lone: string | undefined) => (lone === undefined ? match : '\ufffd'))
    : json
}
