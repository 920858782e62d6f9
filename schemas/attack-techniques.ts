// MITRE ATT&CK (version 19): the techniques that the shipped rules name, with their tactics, and the techniques and tactics in the tags of
// any rule. A technique of a shipped rule that is not in this table is a mistake in the rule. Version 19 divided Defense Evasion into Stealth
// and Defense Impairment, and renumbered T1562 and T1070.002.

/** One technique: its name, and its tactics as tags of rules write them, without `mitre_`. */
export interface AttackTechnique {
  readonly name: string
  readonly tactics: readonly string[]
}

const TECHNIQUES: readonly (readonly [tactics: string, techniques: Readonly<Record<string, string>>])[] = [
  ['initial_access', { t1190: 'Exploit Public-Facing Application' }],
  [
    'execution',
    {
      t1059: 'Command and Scripting Interpreter',
      't1059.004': 'Command and Scripting Interpreter: Unix Shell',
      t1106: 'Native API',
      t1609: 'Container Administration Command',
      t1610: 'Deploy Container',
      t1674: 'Input Injection',
    },
  ],
  ['execution persistence privilege_escalation', { 't1053.002': 'Scheduled Task/Job: At', 't1053.003': 'Scheduled Task/Job: Cron' }],
  [
    'persistence',
    {
      't1136.001': 'Create Account: Local Account',
      't1505.003': 'Server Software Component: Web Shell',
      t1554: 'Compromise Host Software Binary',
    },
  ],
  [
    'persistence privilege_escalation',
    {
      't1037.004': 'Boot or Logon Initialization Scripts: RC Scripts',
      t1098: 'Account Manipulation',
      't1098.004': 'Account Manipulation: SSH Authorized Keys',
      't1098.007': 'Account Manipulation: Additional Local or Domain Groups',
      't1543.002': 'Create or Modify System Process: Systemd Service',
      t1546: 'Event Triggered Execution',
      't1546.004': 'Event Triggered Execution: Unix Shell Configuration Modification',
      't1546.016': 'Event Triggered Execution: Installer Packages',
      't1546.017': 'Event Triggered Execution: Udev Rules',
      't1547.006': 'Boot or Logon Autostart Execution: Kernel Modules and Extensions',
      't1547.013': 'Boot or Logon Autostart Execution: XDG Autostart Entries',
    },
  ],
  ['persistence stealth', { 't1542.003': 'Pre-OS Boot: Bootkit' }],
  ['defense_impairment persistence credential_access', { 't1556.003': 'Modify Authentication Process: Pluggable Authentication Modules' }],
  [
    'privilege_escalation',
    {
      t1068: 'Exploitation for Privilege Escalation',
      t1548: 'Abuse Elevation Control Mechanism',
      't1548.001': 'Abuse Elevation Control Mechanism: Setuid and Setgid',
      't1548.003': 'Abuse Elevation Control Mechanism: Sudo and Sudo Caching',
      t1611: 'Escape to Host',
    },
  ],
  [
    'stealth privilege_escalation',
    {
      t1055: 'Process Injection',
      't1055.008': 'Process Injection: Ptrace System Calls',
      't1055.009': 'Process Injection: Proc Memory',
    },
  ],
  [
    'stealth',
    {
      t1014: 'Rootkit',
      t1027: 'Obfuscated Files or Information',
      't1027.004': 'Obfuscated Files or Information: Compile After Delivery',
      't1036.004': 'Masquerading: Masquerade Task or Service',
      't1036.005': 'Masquerading: Match Legitimate Resource Name or Location',
      't1070.003': 'Indicator Removal: Clear Command History',
      't1070.004': 'Indicator Removal: File Deletion',
      't1070.006': 'Indicator Removal: Timestomp',
      t1140: 'Deobfuscate/Decode Files or Information',
      t1564: 'Hide Artifacts',
      't1564.001': 'Hide Artifacts: Hidden Files and Directories',
      t1620: 'Reflective Code Loading',
    },
  ],
  ['stealth execution', { 't1574.006': 'Hijack Execution Flow: Dynamic Linker Hijacking' }],
  [
    'defense_impairment',
    {
      't1222.002': 'File and Directory Permissions Modification: Linux and Mac Permissions',
      t1685: 'Disable or Modify Tools',
      't1685.004': 'Disable or Modify Tools: Disable or Modify Linux Audit System Log',
      't1685.006': 'Disable or Modify Tools: Clear Linux or Mac System Logs',
      t1686: 'Disable or Modify System Firewall',
      t1690: 'Prevent Command History Logging',
    },
  ],
  [
    'credential_access',
    {
      t1003: 'OS Credential Dumping',
      't1003.007': 'OS Credential Dumping: Proc Filesystem',
      't1003.008': 'OS Credential Dumping: /etc/passwd and /etc/shadow',
      t1110: 'Brute Force',
      t1528: 'Steal Application Access Token',
      t1552: 'Unsecured Credentials',
      't1552.001': 'Unsecured Credentials: Credentials In Files',
      't1552.004': 'Unsecured Credentials: Private Keys',
      't1552.005': 'Unsecured Credentials: Cloud Instance Metadata API',
      t1555: 'Credentials from Password Stores',
      't1555.003': 'Credentials from Password Stores: Credentials from Web Browsers',
    },
  ],
  ['credential_access discovery', { t1040: 'Network Sniffing' }],
  ['credential_access collection', { t1557: 'Adversary-in-the-Middle' }],
  [
    'discovery',
    {
      t1018: 'Remote System Discovery',
      t1033: 'System Owner/User Discovery',
      t1046: 'Network Service Discovery',
      t1057: 'Process Discovery',
      t1082: 'System Information Discovery',
      t1083: 'File and Directory Discovery',
      t1613: 'Container and Resource Discovery',
    },
  ],
  ['lateral_movement', { 't1021.004': 'Remote Services: SSH' }],
  ['collection', { t1005: 'Data from Local System' }],
  [
    'command_and_control',
    {
      t1071: 'Application Layer Protocol',
      't1071.004': 'Application Layer Protocol: DNS',
      t1090: 'Proxy',
      't1090.003': 'Proxy: Multi-hop Proxy',
      t1095: 'Non-Application Layer Protocol',
      t1102: 'Web Service',
      t1105: 'Ingress Tool Transfer',
      t1572: 'Protocol Tunneling',
    },
  ],
  [
    'exfiltration',
    {
      t1048: 'Exfiltration Over Alternative Protocol',
      't1048.003': 'Exfiltration Over Alternative Protocol: Exfiltration Over Unencrypted Non-C2 Protocol',
      t1567: 'Exfiltration Over Web Service',
    },
  ],
  [
    'impact',
    {
      t1485: 'Data Destruction',
      t1489: 'Service Stop',
      t1490: 'Inhibit System Recovery',
      't1496.001': 'Resource Hijacking: Compute Hijacking',
      't1561.001': 'Disk Wipe: Disk Content Wipe',
    },
  ],
]

const BY_ID: ReadonlyMap<string, AttackTechnique> = new Map(
  TECHNIQUES.flatMap(([tactics, names]) =>
    Object.entries(names).map(([id, name]): [string, AttackTechnique] => [id, { name, tactics: tactics.split(' ') }]),
  ),
)

/** Tactics by their names in tags, with their numbers; those that are new in version 19 go by their names alone. */
const TACTICS: Readonly<Record<string, readonly [id: string | null, name: string]>> = {
  reconnaissance: ['TA0043', 'Reconnaissance'],
  'resource-development': ['TA0042', 'Resource Development'],
  'initial-access': ['TA0001', 'Initial Access'],
  execution: ['TA0002', 'Execution'],
  persistence: ['TA0003', 'Persistence'],
  'privilege-escalation': ['TA0004', 'Privilege Escalation'],
  'defense-evasion': ['TA0005', 'Defense Evasion'],
  stealth: [null, 'Stealth'],
  'defense-impairment': [null, 'Defense Impairment'],
  'credential-access': ['TA0006', 'Credential Access'],
  discovery: ['TA0007', 'Discovery'],
  'lateral-movement': ['TA0008', 'Lateral Movement'],
  collection: ['TA0009', 'Collection'],
  'command-and-control': ['TA0011', 'Command and Control'],
  exfiltration: ['TA0010', 'Exfiltration'],
  impact: ['TA0040', 'Impact'],
}

/** Ids of the techniques that tags name (`attack.t1059.004`), in their order, as ATT&CK writes them without the capital: `t1059.004`. */
export function techniqueIdsOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => (/^attack\.t[0-9]/.test(tag) ? [tag.slice('attack.'.length)] : []))
}

/** A technique by its id (`t1059.004`); undefined when no shipped rule should name it. */
export function attackTechnique(id: string): AttackTechnique | undefined {
  return BY_ID.get(id)
}

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

/** A tactic or technique; null where its number or name is not known here. */
export interface AttackName {
  readonly id: string | null
  readonly name: string | null
}

/** What a rule says about ATT&CK: a technique with its tactics, or the tactics alone that no technique of the rule has. */
export interface AttackClaim {
  readonly technique: AttackName | null
  readonly subTechnique: AttackName | null
  readonly tactics: readonly AttackName[]
}

/**
 * What the tags claim. A technique of the table has those of its tactics that the tags name, or all of them when they name none; another has
 * the tactics of the tags. Tags that name no tactic or technique are left out.
 */
export function attackClaimsOf(tags: readonly string[]): AttackClaim[] {
  const named = attackTags(tags)
  const tactics = named.tactics.filter((tactic) => Object.hasOwn(TACTICS, tactic))
  const unclaimed = new Set(tactics)
  const claims = named.techniques.map((id): AttackClaim => {
    const known = attackTechnique(id.toLowerCase())
    const own = known?.tactics.map((tactic) => tactic.replace(/_/g, '-')) ?? tactics
    const shared = own.filter((tactic) => tactics.includes(tactic))
    const chosen = shared.length > 0 ? shared : own
    for (const tactic of chosen) unclaimed.delete(tactic)
    return { ...techniqueNames(id, known?.name ?? null), tactics: chosen.map(tacticName) }
  })
  return unclaimed.size === 0 ? claims : [...claims, { technique: null, subTechnique: null, tactics: [...unclaimed].map(tacticName) }]
}

/** Page of MITRE about a tactic or technique. */
export function attackPage(kind: 'tactics' | 'techniques', id: string): string {
  return `https://attack.mitre.org/${kind}/${id.replace('.', '/')}/`
}

/** @param name as in the table: `Technique`, or `Technique: Sub-technique` */
function techniqueNames(id: string, name: string | null): Pick<AttackClaim, 'technique' | 'subTechnique'> {
  const [parent = id, sub] = id.split('.')
  if (sub === undefined) return { technique: { id, name }, subTechnique: null }
  const [parentName, subName] = name?.split(': ') ?? []
  return { technique: { id: parent, name: parentName ?? null }, subTechnique: { id, name: subName ?? null } }
}

function tacticName(tactic: string): AttackName {
  const [id, name] = TACTICS[tactic] ?? [null, tactic]
  return { id, name }
}
