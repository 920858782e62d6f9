// The flags --enable and --disable: rules switched on and off for one run of a command.
import type { Command } from 'commander'
import { repeated } from './repeated-option.js'

/** The flags as they are given. */
export interface SwitchFlags {
  readonly enable?: string[]
  readonly disable?: string[]
}

/** Adds the flags to a command. */
export function addSwitchFlags(command: Command): Command {
  return command
    .option('--disable <rule>', 'switch rules off: by name or id with * for anything, or tag:TAG; may be repeated', repeated)
    .option('--enable <rule>', 'switch rules on, over --disable; may be repeated', repeated)
}

/** The switches in the form of the setting `rules.switches`; undefined for none. `--disable '*' --enable tag:x` leaves only the tagged. */
export function switchesOf({ enable = [], disable = [] }: SwitchFlags): string[] | undefined {
  const switches = [...disable.map((what) => `disable ${what}`), ...enable.map((what) => `enable ${what}`)]
  return switches.length === 0 ? undefined : switches
}
