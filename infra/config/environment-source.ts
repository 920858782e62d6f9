// Settings from environment variables EUNOMIA_*. A variable that no setting has is refused with the nearest one.
import type { ConfigMistake } from './config-error.js'
import { configSettings } from './setting.js'
import { mistakeOf, unknownSetting, valueOfText, type SourcedValue, type SourceResult } from './setting-value.js'

/** Variables of ours that are no settings: where things stand, for the set-up and the tests. */
const OTHER_VARIABLES = ['EUNOMIA_CONFIG', 'EUNOMIA_CACHE', 'EUNOMIA_SHARED', 'EUNOMIA_SETUP_FOR']

/** Kubernetes puts such variables into every pod beside a service that is called eunomia or eunomia-something. */
const SERVICE_LINK = /^EUNOMIA_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)$/

/** Reads the environment. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): SourceResult {
  const values = new Map<string, SourcedValue>()
  const mistakes: ConfigMistake[] = []
  const byName = new Map(configSettings().map((setting) => [setting.environment, setting]))
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('EUNOMIA_') || text === undefined || OTHER_VARIABLES.includes(name)) continue
    const place = `environment ${name}`
    const setting = byName.get(name)
    if (setting === undefined) {
      if (!SERVICE_LINK.test(name) && !name.startsWith('EUNOMIA_TEST_')) mistakes.push(unknownSetting(name, byName.keys(), place))
      continue
    }
    const value = valueOfText(setting, text)
    const mistake = mistakeOf(setting, value, place)
    if (mistake === undefined) values.set(setting.path, { value, source: place })
    else mistakes.push(mistake)
  }
  return { values, mistakes }
}
