// What tags say of MITRE ATT&CK: techniques and tactics, as Sigma (attack.t1059.004, attack.execution) and Falco (T1059, mitre_execution) write them.

/** Techniques by their numbers, tactics by their names. */
export interface AttackTags {
  readonly techniques: readonly string[]
  readonly tactics: readonly string[]
}

/** The techniques and tactics among the tags of a rule, each once. */
export function attackTags(tags: readonly string[]): AttackTags {
  const techniques = new Set<string>()
  const tactics = new Set<string>()
  for (const tag of tags) {
    const technique = /^(?:attack\.)?(t[0-9]{4}(?:\.[0-9]{3})?)$/i.exec(tag)?.[1]
    const tactic = /^(?:attack\.|mitre_)([a-z][a-z_-]*)$/i.exec(tag)?.[1]
    if (technique !== undefined) techniques.add(technique.toUpperCase())
    else if (tactic !== undefined) tactics.add(tactic.toLowerCase().replace(/_/g, '-'))
  }
  return { techniques: [...techniques], tactics: [...tactics] }
}
