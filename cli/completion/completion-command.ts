// `eunomia completion SHELL`: the script by which a shell completes our commands, flags and their values.
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { BASH_COMPLETION } from './bash-completion.js'

const EXAMPLES = `
Examples:
  source <(eunomia completion bash)          in ~/.bashrc
  eunomia completion zsh > "\${fpath[1]}/_eunomia"
  eunomia completion fish > ~/.config/fish/completions/eunomia.fish`

/** Adds the command to the program; last, since it looks at all others. */
export function registerCompletionCommand(program: Command): void {
  const completions = tab(program, { completionCommandName: 'completion' })
  program.commands
    .find((command) => command.name() === 'completion')
    ?.description('print the script by which a shell completes commands, flags and values')
    .addHelpText('after', EXAMPLES)
    .action((shell: string) => {
      if (shell === 'bash') process.stdout.write(BASH_COMPLETION)
      else completions.setup(program.name(), program.name(), shell)
    })
}
