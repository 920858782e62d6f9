// The rules that ship with Eunomia against processes that take the name of a program which rules exempt, on the host and in a container.
// Each is really executed and alerts; the programs that have these names rightly do not.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import type { Alert } from '../../../schemas/generated/types.js'
import { useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { Workloads } from '../native/workload.js'

const READ = 'Sensitive file read by an unexpected program'
const ESCAPE = 'Container escape through a kernel file'
const CORE_PATTERN = '/proc/sys/kernel/core_pattern'
const CONTAINER = 'false-identities'

/** How a process takes a name, and which. */
const TRICKS: readonly (readonly [how: string, onHost: string, inContainer: string])[] = [
  ['rename', 'sshd', 'runc:[2:INIT]'],
  ['argument', 'sshd', '/usr/bin/runc'],
  ['copy', 'sshd', 'runc'],
  ['hardlink', 'login', 'dockerd'],
  ['memory', 'systemd', 'runc:[2:INIT]'],
  ['descriptor', 'sudo', 'crun'],
]

describe('eunomia run with the rules that ship with it, against a false identity', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-false-'))
  const docker = useDocker()
  const workloads = new Workloads()
  let eunomia: EunomiaProcess | undefined
  after(async () => {
    await eunomia?.kill()
    await docker()
      .docker('rm', '-f', CONTAINER)
      .catch(() => '')
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('alerts for each, and not for the programs themselves', async () => {
    const program = workloads.program('attacks/false-identity')
    await docker().runDetached(['--name', CONTAINER, '--privileged'], ['sleep', '600'])
    await docker().docker('cp', program, `${CONTAINER}:/tmp/false-identity`)
    const running = (eunomia = new EunomiaProcess(['run', '--json', '--docker-socket', docker().socketPath, '--set', 'logLevel=info'], {
      EUNOMIA_STATE_FOLDER: join(folder, 'state'),
    }))
    await running.says(/"msg":"watching"/)
    const expected = new Map<string, string>()
    const host = (tag: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): void => {
      expected.set(tag, READ)
      const [file = '', ...args] = command
      spawnSync(file, args, { env: { PATH: '/usr/sbin:/usr/bin', ...env }, cwd: folder })
    }

    for (const [how, name] of TRICKS) host(`host-${how}`, [program, folder, how, name, '/etc/shadow', 'r', `host-${how}`])
    for (const how of ['ancestor', 'below-two']) host(`host-${how}`, [program, folder, how, 'apt', '/etc/shadow', 'r', `host-${how}`])
    writeFileSync(join(folder, 'sshd'), '#!/usr/bin/head -n1\n', { mode: 0o755 })
    host('host-script', [join(folder, 'sshd'), '/etc/shadow', 'host-script'])
    host('host-preload', ['/usr/bin/chage', '-l', 'root'], { LD_PRELOAD: '/nonexistent.so' })
    host('host-mounted', [
      'unshare',
      '-m',
      'sh',
      '-c',
      'mount --bind /usr/bin/cat /usr/bin/chage; exec /usr/bin/chage /etc/shadow host-mounted',
    ])
    host('host-chroot', [
      'chroot',
      '/',
      'unshare',
      '-m',
      'sh',
      '-c',
      `mkdir ${folder}/usr; mount --bind /usr ${folder}/usr; cp -a /lib64 /bin /lib ${folder}; mkdir ${folder}/etc; mount --bind /etc ${folder}/etc; exec chroot ${folder} /usr/bin/cat /etc/shadow host-chroot`,
    ])
    for (const [how, , name] of TRICKS) {
      expected.set(`container-${how}`, ESCAPE)
      await docker()
        .docker('exec', CONTAINER, '/tmp/false-identity', '/tmp', how, name, CORE_PATTERN, 'w', `container-${how}`)
        .catch(() => '')
    }
    for (const how of ['ancestor', 'below-two']) {
      expected.set(`container-${how}`, READ)
      await docker()
        .docker('exec', CONTAINER, '/tmp/false-identity', '/tmp', how, 'dpkg', '/etc/shadow', 'r', `container-${how}`)
        .catch(() => '')
    }
    // A script has the facts of its interpreter: cat of the image, whatever the script is called. The last one starts a proven cat.
    for (const name of ['sshd', 'dpkg']) {
      const tag = `container-script-${name}`
      expected.set(tag, READ)
      await docker()
        .docker(
          'exec',
          CONTAINER,
          'sh',
          '-c',
          `mkdir -p /opt; printf '#!/bin/cat\n' >/opt/${name}; chmod +x /opt/${name}; /opt/${name} /etc/shadow ${tag}`,
        )
        .catch(() => '')
    }
    expected.set('container-below-script', READ)
    await docker()
      .docker(
        'exec',
        CONTAINER,
        'sh',
        '-c',
        `mkdir -p /opt; printf '#!/bin/sh\ncat /etc/shadow "$1"; :\n' >/opt/apk; chmod +x /opt/apk; /opt/apk container-below-script`,
      )
      .catch(() => '')
    // What the names stand for: they read the file, too, and runc has set up each command in the container.
    spawnSync('/usr/bin/chage', ['-l', 'root'], { env: {} })
    spawnSync('/usr/bin/passwd', ['-S', 'root'], { env: {} })

    const alerts = (): Alert[] => running.records<Alert>()
    const isOf = ({ process, rule }: Alert, tag: string): boolean =>
      rule === expected.get(tag) && (tag === 'host-preload' ? process.name === 'chage' : process.args.includes(tag))
    const silent = (): string[] => [...expected.keys()].filter((tag) => !alerts().some((alert) => isOf(alert, tag)))
    await running
      .until('an alert for each', () => silent().length === 0, { progress: () => alerts().length })
      .catch((error: unknown) => assert.deepEqual(silent(), [], String(error).slice(0, 2000)))
    assert.equal(await running.interrupt(), 0, running.stderr)
    const ofPrograms = alerts().filter(
      ({ process }) => process.name === 'passwd' || process.name.startsWith('runc') || process.name === 'chage',
    )
    assert.deepEqual(
      ofPrograms
        .filter(({ process }) => process.exePath === '/usr/bin/passwd' || (process.exeFlags & 65_536) !== 0)
        .map(({ rule }) => rule),
      [],
    )
    assert.equal(
      ofPrograms.filter(({ rule, process }) => rule === READ && process.exePath === '/usr/bin/chage' && process.args[1] === '-l').length,
      1,
      'chage alone',
    )
  })
})
