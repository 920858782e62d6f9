// Writes docs/configuration.md; with --check, only compares it with the schema.
import { writeOrCheck } from '../process/generated-files.js'
import { configSections, type Section, type Setting } from './setting.js'

const HEAD = `<!-- Generated from infra/config/config-schema.ts by infra/config/generate-docs.ts (npm run generate). Do not edit. -->
# Configuration

Settings come from defaults, the file, environment variables and flags. Later sources override earlier ones.
- **File**: \`--config FILE\`, else \`EUNOMIA_CONFIG\`, else \`./eunomia.yaml\` (if it belongs to you or to root), else \`/etc/eunomia/eunomia.yaml\`.
- **Environment**: the variable in the table. Commas separate the items of a list. An empty value unsets an optional setting.
- **Flags**: \`--set kafka.lingerMs=20\` for every setting. Some commands have shorter flags.

Unknown names and values out of bounds are refused with their place. Nothing starts with an invalid configuration.
\`eunomia config\` prints the values in force and their sources, with passwords masked.
`

function sectionText(section: Section): string {
  const title = section.path === '' ? 'General' : section.path
  const rows = section.settings.map(settingRow)
  return [
    `## ${title}`,
    ...(section.description === '' ? [] : ['', section.description]),
    '',
    '| setting | default | values | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function settingRow(setting: Setting): string {
  const name = `\`${setting.path}\`<br>\`${setting.environment}\``
  const takes = `${setting.expectation}${setting.isOptional ? ', or unset' : ''}`
  return `| ${[name, defaultText(setting.defaultValue), takes, setting.description].map(cell).join(' | ')} |`
}

function defaultText(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-'
  return `\`${Array.isArray(value) ? value.join(',') : String(value)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

writeOrCheck(new Map([['docs/configuration.md', [HEAD, ...configSections().map(sectionText)].join('\n')]]))
