// `eunomia config`: the resolved settings with their sources; secrets are masked.
import type { Command } from 'commander'
import { type ShownSetting, shownSettings } from '../infra/config/masked.js'
import { commandContext } from './settings.js'
import { columnTable } from './terminal/terminal-text.js'

const EXAMPLES = `
Examples:
  eunomia config                          what is in force, and which source says so
  eunomia config --changed                only what is not a default
  EUNOMIA_KAFKA_BROKERS=b:9092 eunomia config --json`

/** Adds the command to the program. */
export function registerConfigCommand(program: Command): void {
  program
    .command('config')
    .description('print the settings in force with their sources, secrets masked')
    .option('--changed', 'omit defaults', false)
    .option('--json', 'one JSON object per line: path, value, source', false)
    .addHelpText('after', EXAMPLES)
    .action((options: { changed: boolean; json: boolean }, command: Command) => {
      const shown = shownSettings(commandContext(command).resolved).filter(({ source }) => !options.changed || source !== 'default')
      if (options.json) for (const setting of shown) process.stdout.write(`${JSON.stringify(setting)}\n`)
      else process.stdout.write(settingsTable(shown))
    })
}

function settingsTable(shown: readonly ShownSetting[]): string {
  return columnTable(
    [
      { title: 'SETTING', value: ({ path }) => path },
      { title: 'VALUE', value: ({ value }) => valueText(value) },
      { title: 'SOURCE', value: ({ source }) => source },
    ],
    shown,
  )
}

function valueText(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-'
  return Array.isArray(value) ? value.join(',') : String(value)
}
