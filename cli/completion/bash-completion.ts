// Completion for bash: asks `eunomia complete` for what may come. Needs no bash-completion package, and hands the words over as they are: a line
// that is being typed is never evaluated.

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
