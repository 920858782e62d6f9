// Settings for display: secrets are masked, also passwords in URLs.
import type { ResolvedConfig } from './load-config.js'
import { configSettings, type Setting } from './setting.js'

/** One line of `eunomia config`. */
export interface ShownSetting {
  readonly path: string
  readonly value: unknown
  readonly source: string
}

const MASK = '********'

/** All settings in the order of the docs, with masked secrets. */
export function shownSettings(resolved: ResolvedConfig): ShownSetting[] {
  return configSettings().map((setting) => {
    const { value, source } = resolved.values.get(setting.path) ?? { value: setting.defaultValue, source: 'default' }
    return { path: setting.path, value: masked(setting, value), source }
  })
}

function masked(setting: Setting, value: unknown): unknown {
  if (typeof value !== 'string' || setting.secrecy === 'none') return value
  return setting.secrecy === 'whole' ? MASK : maskedUrl(value)
}

/** A URL with its password masked; one that can't be parsed is masked as a whole. */
export function maskedUrl(text: string): string {
  try {
    const url = new URL(text)
    if (url.password === '') return text
    url.password = MASK
    return url.href
  } catch {
    // The parser refuses a URL with several hosts. Everything up to the last @ is the login; without it, there is nothing to mask.
    const hosts = /^([a-z-]+:\/\/)(?:([^/@:]*):.*@)?([^/@]*(?:\/[^@]*)?)$/.exec(text)
    if (hosts === null) return MASK
    const [, scheme = '', user, rest = ''] = hosts
    return user === undefined ? text : `${scheme}${user}:${MASK}@${rest}`
  }
}
