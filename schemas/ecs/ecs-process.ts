// The process of an alert, its user and its parent as fields of the Elastic Common Schema.
import { capabilitiesText } from '../../infra/process/capability-names.js'
import { isoMicroseconds, processIdOf, wallTimeOf } from '../alert-parts.js'
import type { Alert } from '../generated/types.js'
import type { EcsFields } from './ecs-nested.js'

/** Fields below `process`, `user` and `group`. */
export function processFields({ process, origin }: Alert): EcsFields {
  const [parent] = process.ancestors
  const startOf = (startBootUs: number): string => isoMicroseconds(wallTimeOf(origin, startBootUs))
  return {
    'process.pid': process.pid,
    'process.entity_id': processIdOf(origin, process),
    'process.name': process.name,
    'process.executable': process.exePath,
    'process.args': process.args,
    'process.args_count': process.args.length,
    'process.command_line': process.args.length === 0 ? null : process.args.join(' '),
    'process.working_directory': process.cwd,
    'process.start': startOf(process.startBootUs),
    'process.hash.sha256': process.exeSha256,
    'process.env_vars': process.env,
    'process.vpid': process.namespacePid,
    'process.interactive': process.tty !== null,
    'process.user.id': String(process.uid),
    'process.user.name': process.user,
    'process.group.id': String(process.gid),
    'process.group.name': process.group,
    'process.thread.capabilities.effective': capabilities(process.capEffective),
    'process.thread.capabilities.permitted': capabilities(process.capPermitted),
    'process.session_leader.pid': process.sessionId,
    'process.group_leader.pid': process.processGroupId,
    'process.parent.pid': process.parentPid,
    ...(parent === undefined
      ? {}
      : {
          'process.parent.entity_id': processIdOf(origin, parent),
          'process.parent.name': parent.name,
          'process.parent.executable': parent.exePath,
          'process.parent.args': process.parentArgs,
          'process.parent.command_line': process.parentArgs.length === 0 ? null : process.parentArgs.join(' '),
          'process.parent.start': startOf(parent.startBootUs),
        }),
    'user.id': String(process.uid),
    'user.name': process.user,
    'user.effective.id': String(process.euid),
    'group.id': String(process.gid),
    'group.name': process.group,
  }
}

function capabilities(set: number): readonly string[] {
  const text = capabilitiesText(set)
  return text === '' ? [] : text.split(' ')
}
