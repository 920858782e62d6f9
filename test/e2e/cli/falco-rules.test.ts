// Falco's stable rules as they are, in `eunomia run`, over live probes: what is done in real containers alerts once for each act, and its
// harmless neighbour not at all.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../schemas/generated/types.js'
import { skipWithoutCorpora } from '../../support/runner/skip-because.js'
import { useDocker } from '../../support/services/docker.js'
import { sharedPath } from '../../support/shared-folder.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

const FALCO = ['corpora', 'falco', 'falco_rules.yaml'] as const

/** Command in a container, and the rule that must fire once for it; null for one that must fire none. */
const ACTS: readonly (readonly [rule: string | null, ...command: string[]])[] = [
  [null, 'cat', '/etc/passwd'],
  ['Read sensitive file untrusted', 'cat', '/etc/shadow'],
  [null, 'find', '/etc', '-name', 'passwd'],
  ['Search Private Keys or Passwords', 'find', '/root', '-name', 'id_rsa'],
  ['Find AWS Credentials', 'find', '/root', '-path', '*/.aws/credentials'],
  [null, 'true'],
  [null, 'cp', '/bin/busybox', '/tmp/true'],
  ['Drop and execute new binary in container', '/tmp/true'],
  [null, 'cp', '/bin/busybox', '/dev/shm/true'],
  ['Execution from /dev/shm', '/dev/shm/true'],
]
const CONTAINERS = ['acts-one', 'acts-two']

describe("eunomia run with Falco's rules", () => {
  let folder = ''
  let rules = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    rules = sharedPath(...FALCO) ?? skipWithoutCorpora(this)
    folder = mkdtempSync(join(tmpdir(), 'eunomia-falco-'))
  })
  const docker = useDocker()
  after(async () => {
    await eunomia?.kill()
    if (folder === '') return
    await docker()
      .docker('rm', '-f', ...CONTAINERS)
      .catch(() => '')
    rmSync(folder, { recursive: true, force: true })
  })

  it("alerts exactly once for each act, with the container's name", async () => {
    // Docker's own /dev/shm lets nothing be executed.
    for (const name of CONTAINERS) await docker().runDetached(['--name', name, '--tmpfs', '/dev/shm:exec'], ['sleep', '600'])
    const running = (eunomia = new EunomiaProcess(
      ['run', '--json', '--rules', rules, '--docker-socket', docker().socketPath, '--set', 'logLevel=info'],
      { EUNOMIA_STATE_FOLDER: join(folder, 'state') },
    ))
    await running.says(/"msg":"watching"/)
    for (const name of CONTAINERS) for (const [, ...command] of ACTS) await docker().docker('exec', name, ...command)

    const expected = CONTAINERS.flatMap((name) => ACTS.flatMap(([rule]) => (rule === null ? [] : [`${name}: ${rule}`])))
    const actual = (): string[] =>
      running
        .records<Alert>()
        .filter(({ container }) => CONTAINERS.includes(container?.name ?? ''))
        .map(({ container, rule }) => `${container?.name ?? ''}: ${rule}`)
    await running.until('as many alerts as acts', () => actual().length >= expected.length)
    assert.equal(await running.interrupt(), 0, running.stderr)
    assert.deepEqual(actual().sort(), expected.sort())
  })
})
