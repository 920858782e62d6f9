// `eunomia completion SHELL`: the script by which a shell completes our commands, flags and their values.
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

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

/** The script that `eunomia completion bash` prints. */
export const BASH_COMPLETION = `# bash completion for eunomia
_eunomia() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=() value word
  # bash takes --flag=value apart at the "=".
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do words+=("$word"); done
  if [[ $current == '=' ]]; then
    current=''
    words=("\${words[@]:0:\${#words[@]}-1}" '')
  elif [[ $before == '=' ]]; then
    words=("\${words[@]:0:\${#words[@]}-2}" "$current")
  fi
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    if [[ -n $value && $value != :* && $value == "$current"* ]]; then COMPREPLY+=("$value"); fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${words[@]}" 2>/dev/null)
}
# Where nothing of ours fits, files.
complete -o default -F _eunomia eunomia ./eunomia
`
