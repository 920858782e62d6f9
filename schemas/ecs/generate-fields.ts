// Part of `npm run generate`: the fields of the Elastic Common Schema that alerts use, out of the package @elastic/ecs, which only this file
// and tests import. It knows the names; types and bounds come from the package.
import { EcsFlat } from '@elastic/ecs'

/** ECS fields of an alert. `labels` and `container.labels` hold any names below them. */
const USED_FIELDS = [
  ...['@timestamp', 'message', 'tags', 'labels', 'ecs.version', 'log.level', 'log.syslog.severity.code', 'log.syslog.severity.name'],
  ...['event.id', 'event.kind', 'event.category', 'event.type', 'event.action', 'event.code', 'event.module', 'event.dataset'],
  ...['event.provider', 'event.severity', 'event.sequence', 'event.start', 'event.end', 'event.reference'],
  ...['observer.vendor', 'observer.product', 'observer.type'],
  ...['rule.id', 'rule.name', 'rule.version', 'rule.ruleset', 'rule.author', 'rule.reference', 'rule.category'],
  ...['threat.framework', 'threat.technique.id', 'threat.technique.name', 'threat.technique.reference'],
  ...['threat.technique.subtechnique.id', 'threat.technique.subtechnique.name', 'threat.technique.subtechnique.reference'],
  ...['threat.tactic.id', 'threat.tactic.name', 'threat.tactic.reference'],
  ...['host.id', 'host.name', 'host.hostname', 'host.boot.id', 'host.os.type'],
  ...['process.pid', 'process.entity_id', 'process.name', 'process.executable', 'process.args', 'process.args_count'],
  ...['process.command_line', 'process.working_directory', 'process.start', 'process.hash.sha256', 'process.env_vars', 'process.vpid'],
  ...['process.user.id', 'process.user.name', 'process.group.id', 'process.group.name', 'process.interactive'],
  ...['process.thread.capabilities.effective', 'process.thread.capabilities.permitted'],
  ...['process.session_leader.pid', 'process.group_leader.pid'],
  ...['process.parent.pid', 'process.parent.entity_id', 'process.parent.name', 'process.parent.executable'],
  ...['process.parent.args', 'process.parent.command_line', 'process.parent.start'],
  ...['user.id', 'user.name', 'user.effective.id', 'group.id', 'group.name'],
  ...['file.path', 'file.name', 'file.directory'],
  ...['container.id', 'container.name', 'container.image.name', 'container.image.tag', 'container.image.hash.all'],
  ...['container.labels', 'container.security_context.privileged'],
  ...[
    'orchestrator.type',
    'orchestrator.namespace',
    'orchestrator.resource.type',
    'orchestrator.resource.name',
    'orchestrator.resource.id',
  ],
  ...['source.ip', 'source.port', 'source.address', 'destination.ip', 'destination.port', 'destination.address', 'destination.domain'],
  ...['source.domain', 'network.direction', 'network.iana_number', 'network.transport', 'network.type', 'dns.question.name'],
  ...['related.ip', 'related.hosts', 'related.user', 'related.hash'],
] as const

interface EcsFact {
  readonly type: string
  readonly ignore_above?: number
  readonly normalize: readonly string[]
  readonly multi_fields?: readonly { readonly name: string; readonly type: string }[]
}

/** The generated file. @throws Error for a name that ECS does not have */
export function ecsFieldsText(): string {
  const flat = EcsFlat as unknown as Readonly<Record<string, EcsFact | undefined>>
  const lines = USED_FIELDS.map((name) => {
    const field = flat[name]
    if (field === undefined) throw new Error(`ECS has no field ${name}`)
    const { type, normalize, multi_fields: multi = [] } = field
    const facts = [
      `type: '${type}'`,
      ...(normalize.includes('array') ? ['isList: true'] : []),
      ...(multi.length === 0 ? [] : [`text: '${multi.map((one) => one.name).join(' ')}'`]),
    ]
    return `  '${name}': { ${facts.join(', ')} },`
  })
  return `// Generated from the package @elastic/ecs by \`npm run generate\`. Do not edit: change schemas/ecs/generate-fields.ts.

/** The ECS fields of alerts: type, whether it is a list, and the name of a field for full-text search below it. */
export const ECS_FIELDS = {
${lines.join('\n')}
} as const
`
}
