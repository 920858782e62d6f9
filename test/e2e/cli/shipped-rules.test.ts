// The rules that ship with Eunomia, in `eunomia run`, over live probes: what is done in a real container alerts once for each act, and its
// harmless neighbour not at all.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../schemas/generated/types.js'
import { useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

/** Command in a container, and the rule that must fire once for it; null for one that must fire none. Some fail, as attempts do. */
const ACTS: readonly (readonly [rule: string | null, ...command: string[]])[] = [
  [null, 'cat', '/etc/passwd'],
  ['Sensitive file read by an unexpected program', 'cat', '/etc/shadow'],
  [null, 'find', '/bin', '-perm', '-0002'],
  ['Search for set-user-id programs', 'find', '/bin', '-perm', '-4000'],
  [null, 'nc', '127.0.0.1', '9'],
  ['Reverse shell command line', 'nc', '127.0.0.1', '9', '-e', '/bin/sh'],
  [null, 'sh', '-c', 'echo aWQK | base64 -d'],
  ['Encoded code decoded and run', 'sh', '-c', 'echo aWQK | base64 -d | sh'],
  [null, 'sh', '-c', 'echo x > /etc/motd'],
  ['Scheduled job written', 'sh', '-c', 'echo x > /etc/crontab'],
  ['Account file edited directly', 'sh', '-c', 'echo >> /etc/passwd'],
  ['Preload list of the dynamic linker written', 'touch', '/etc/ld.so.preload'],
  [null, 'cp', '/bin/busybox', '/tmp/true'],
  [null, 'chmod', '700', '/root'],
  ['Set-user-id bit given by command', 'chmod', '4755', '/tmp/true'],
  ['Program dropped into a container executed', '/tmp/true'],
  ['Cryptocurrency miner started', '/tmp/true', '-o', 'stratum+tcp://192.0.2.7:3333'],
  [null, 'rm', '-f', '/tmp/true'],
  ['Shell history removed', 'rm', '-f', '/root/.ash_history'],
  [null, 'unshare', '--help'],
  ['unshare command in a container', 'unshare', '-m', 'true'],
  ['Namespaces of another process entered with nsenter', 'nsenter', '-t', '1', '-m', 'true'],
  ['Cloud metadata service named on a command line', 'wget', '-q', 'http://169.254.169.254/latest/meta-data/'],
]
/** The last act also tries to connect, which has a rule of its own. */
const OF_LAST_ACT = 'Cloud metadata service contacted from a container'
const CONTAINER = 'shipped-acts'

describe('eunomia run with the rules that ship with it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-shipped-'))
  const docker = useDocker()
  let eunomia: EunomiaProcess | undefined
  after(async () => {
    await eunomia?.kill()
    await docker()
      .docker('rm', '-f', CONTAINER)
      .catch(() => '')
    rmSync(folder, { recursive: true, force: true })
  })

  it('alerts exactly once for each act in a container, and not for its neighbours', async () => {
    await docker().runDetached(['--name', CONTAINER], ['sleep', '600'])
    const running = (eunomia = new EunomiaProcess(['run', '--json', '--docker-socket', docker().socketPath, '--set', 'logLevel=info'], {
      EUNOMIA_STATE_FOLDER: join(folder, 'state'),
    }))
    await running.says(/"msg":"watching"/)
    for (const [, ...command] of ACTS)
      await docker()
        .docker('exec', CONTAINER, ...command)
        .catch(() => '')

    const expected = [...ACTS.flatMap(([rule]) => (rule === null ? [] : [rule])), OF_LAST_ACT]
    const actual = (): string[] =>
      running
        .records<Alert>()
        .filter(({ container }) => container?.name === CONTAINER)
        .map(({ rule }) => rule)
    await running.until('as many alerts as acts', () => actual().length >= expected.length)
    assert.equal(await running.interrupt(), 0, running.stderr)
    assert.deepEqual(actual().sort(), expected.sort())
  })
})
