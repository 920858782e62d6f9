// Each of Falco's 25 stable rules fires in `eunomia run` over live probes when what it is about is really done in a container, once for each act,
// and none fires for anything else.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../schemas/generated/types.js'
import { skipWithoutCorpora } from '../../support/runner/skip-because.js'
import { useDocker } from '../../support/services/docker.js'
import { sharedPath } from '../../support/shared-folder.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { Workloads } from '../native/workload.js'

const FALCO = ['corpora', 'falco', 'falco_rules.yaml'] as const
const CONTAINER = 'stable-acts'
/** Programs of test/workloads/suspicious.c, by the names that they are run under. */
const PROGRAMS = [
  'nginx',
  'sshd',
  'httpd',
  'redirect',
  'release_agent',
  'insert',
  'attach',
  'traceme',
  'memfd',
  'debugfs',
  'packet',
  'ssh',
  'kubernetes',
]

/** Command in the container, and the rule that must fire once for it; null for one that must fire none. */
const ACTS: readonly (readonly [rule: string | null, ...command: string[]])[] = [
  ['Directory traversal monitored file read', 'cat', '/bin/../tmp/../etc/passwd'],
  ['Read sensitive file trusted after startup', '/acts/httpd'],
  ['Read sensitive file untrusted', 'cat', '/etc/shadow'],
  ['Run shell untrusted', '/acts/nginx'],
  ['System user interactive', '/acts/sshd'],
  ['Netcat Remote Code Execution in Container', 'nc', '127.0.0.1', '9', '-e', '/bin/true'],
  ['Search Private Keys or Passwords', 'find', '/root', '-name', 'id_rsa'],
  ['Clear Log Activities', 'sh', '-c', ': > /var/log/syslog'],
  ['Remove Bulk Data from Disk', 'shred', '/tmp/absent'],
  ['Create Symlink Over Sensitive Files', 'ln', '-s', '/etc/shadow', '/tmp/symlink'],
  ['Create Hardlink Over Sensitive Files', 'ln', '/etc/shadow', '/tmp/hardlink'],
  ['Redirect STDOUT/STDIN to Network Connection in Container', '/acts/redirect'],
  ['Linux Kernel Module Injection Detected', '/acts/insert'],
  ['Debugfs Launched in Privileged Container', '/acts/debugfs'],
  ['Detect release_agent File Container Escapes', '/acts/release_agent'],
  ['PTRACE attached to process', '/acts/attach'],
  ['PTRACE anti-debug attempt', '/acts/traceme'],
  ['Find AWS Credentials', 'find', '/root', '-path', '*/.aws/credentials'],
  [null, 'cp', '/bin/busybox', '/dev/shm/true'],
  ['Execution from /dev/shm', '/dev/shm/true'],
  [null, 'cp', '/bin/busybox', '/tmp/true'],
  ['Drop and execute new binary in container', '/tmp/true'],
  ['Packet socket created in container', '/acts/packet'],
  [null, 'ip', 'address', 'add', '192.0.2.1/32', 'dev', 'lo'],
  ['Disallowed SSH Connection Non Standard Port', '/acts/ssh'],
  ['Contact K8S API Server From Container', '/acts/kubernetes'],
  // A parent of its own: what runc starts is left out by the rule.
  ['Fileless execution via memfd_create', 'sh', '-c', '/acts/memfd; true'],
]

describe("each of Falco's stable rules", () => {
  let folder = ''
  let rules = ''
  const running: EunomiaProcess[] = []
  const workloads = new Workloads()
  before(function () {
    rules = sharedPath(...FALCO) ?? skipWithoutCorpora(this)
    folder = mkdtempSync(join(tmpdir(), 'eunomia-stable-'))
    mkdirSync(join(folder, 'acts'))
    const program = workloads.program('suspicious')
    for (const name of PROGRAMS) cpSync(program, join(folder, 'acts', name))
  })
  const docker = useDocker()
  after(async () => {
    if (running.length > 0) await docker().docker('rm', '-f', CONTAINER)
    workloads.close()
    for (const eunomia of running) await eunomia.kill()
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })

  it('fires once for its event, and no other rule fires, whether everything is watched or what the rules read', async () => {
    const options = ['--name', CONTAINER, '--privileged', '--tmpfs', '/dev/shm:exec', '-v', `${join(folder, 'acts')}:/acts:ro`]
    await docker().runDetached(options, ['sleep', '600'])
    // Both see the same acts.
    for (const watch of ['forensic', 'detect']) {
      const settings = ['--set', 'logLevel=info', '--set', `collector.watch=${watch}`]
      const args = ['run', '--json', '--rules', rules, '--docker-socket', docker().socketPath, ...settings]
      running.push(new EunomiaProcess(args, { EUNOMIA_STATE_FOLDER: join(folder, watch) }))
    }
    for (const eunomia of running) await eunomia.says(/"msg":"watching"/)
    // Some fail, as attempts do.
    for (const [, ...command] of ACTS) {
      await docker()
        .docker('exec', CONTAINER, ...command)
        .catch(() => '')
    }
    await docker().docker('exec', '-t', CONTAINER, 'sh', '-c', 'true')
    const expected = [...ACTS.flatMap(([rule]) => (rule === null ? [] : [rule])), 'Terminal shell in container'].sort()
    for (const eunomia of running) {
      const actual = (): string[] =>
        eunomia
          .records<Alert>()
          .filter(({ container }) => container?.name === CONTAINER)
          .map(({ rule }) => rule)
      await eunomia.until('as many alerts as acts', () => actual().length >= expected.length).catch(() => undefined)
      assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
      assert.deepEqual(actual().sort(), expected)
    }
  })
})
