// placeholder
import type { Command } from 'commander'
export function registerTestCommand(_rules: Command): void {}
