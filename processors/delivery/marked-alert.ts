// The alert of `eunomia deliver test`: about this process, and marked, so that nobody takes it for an attack.
import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { TOPICS } from '../../infra/topic-log/topics.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert, Process } from '../../schemas/generated/types.js'
import type { TopicAlert } from './sink.js'

/** Rule of the alert; its tag is `eunomia_test`. */
export const TEST_RULE = 'Eunomia delivery test'

/** A new one each time: receivers that know repeats must not take it for one. */
export function markedAlert(codec: Codec, nowUs = Date.now() * 1000): TopicAlert {
  const id = randomUUID()
  const alert: Alert = {
    alertId: id.replaceAll('-', ''),
    rule: TEST_RULE,
    ruleId: TEST_RULE,
    ruleVersion: '0'.repeat(16),
    ruleSetHash: '0'.repeat(16),
    priority: 'informational',
    language: 'falco',
    tags: ['eunomia_test'],
    author: null,
    references: [],
    output: `This is a test: eunomia deliver test on ${hostname()} sent it. Nothing happened.`,
    outputFields: {},
    facts: 'complete',
    eventTopic: TOPICS.process.name,
    eventType: 'snapshot',
    origin: { hostId: id, hostName: hostname(), bootId: id, epoch: nowUs, cpu: 0, seq: 0, bootTimeUs: 0, wallTimeUs: nowUs },
    process: thisProcess(),
    path: null,
    containerId: null,
    container: null,
    network: null,
    kernel: null,
    correlation: null,
  }
  return { alert, bytes: codec.encode('alerts', alert), partition: -1, offset: -1 }
}

function thisProcess(): Process {
  const { uid, gid, username } = userInfo()
  return {
    ...{ name: 'eunomia', exePath: process.execPath, args: ['eunomia', 'deliver', 'test'], argsTruncated: false, argsBytes: 20 },
    ...{ pid: process.pid, parentPid: process.ppid, namespacePid: process.pid, parentNamespacePid: null, execCount: 1, startBootUs: 0 },
    ...{ ancestors: [], parentArgs: [], sessionId: 0, processGroupId: 0, namespaceProcessGroupId: 0 },
    ...{ uid, gid, euid: uid, egid: gid, loginUid: null, user: username, group: null, loginUser: null },
    ...{ containerId: null, containerClaim: null, isContainerUnknown: false, claimUid: null, containerEntry: null },
    ...{ tty: null, cwd: null, cwdPlace: null, cgroupId: '0', cgroupPath: null, systemdUnit: null, systemdUserUnit: null },
    ...{ capEffective: 0, capPermitted: 0, capInheritable: 0, namespaces: null, program: null },
    ...{ isExeUpperLayer: false, isExeMemfd: false, isExeWritable: null, isExeLowerLayer: null },
    ...{ exeInode: null, exeDevice: null, exeCtimeUs: null, exeMtimeUs: null, exeSha256: null, exeFlags: 0, exeUid: null, exeMode: null },
    ...{ env: null, envTruncated: null, exePlace: null, sessionLeader: null, processGroupLeader: null },
    ...{ stdin: null, stdout: null, stderr: null, stdioNetwork: null, argsRedacted: 0, parentArgsRedacted: 0, envRedacted: 0 },
  }
}
