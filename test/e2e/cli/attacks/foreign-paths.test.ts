// `eunomia run` with the rules that ship with it: /etc/shadow read under other names. Each attack alerts, with the path on the host. The plan
// of the rules is in the probes, so that a verdict on one path must not leave out another. Needs root.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../../schemas/generated/types.js'
import { removeUnmounted } from '../../../support/mounted-folder.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { EunomiaProcess } from '../../../support/system/eunomia-process.js'
import { makeCgroup } from '../../native/cgroup-folder.js'
import { OWN_MOUNTS, Workloads } from '../../native/workload.js'

const SHADOW = '/etc/shadow'
const RULE = 'Sensitive file read by an unexpected program'
const ATTACKS: readonly (readonly string[])[] = [
  ['chroot-read'],
  ['bind-read'],
  ['bind-read', 'file'],
  ['open-tree-read'],
  ['cwd-escape'],
  ['proc-root-read'],
  ['overlay-read'],
  ['link-read'],
  ['handle-read'],
]

describe('eunomia run, for /etc/shadow under other names', () => {
  const workloads = new Workloads()
  const state = mkdtempSync(join(tmpdir(), 'eunomia-foreign-'))
  let base = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    if (!existsSync(SHADOW)) skipBecause(this, 'needs /etc/shadow')
    base = mkdtempSync('/var/tmp/eunomia-paths-')
    chmodSync(base, 0o755)
  })
  after(async () => {
    await eunomia?.kill()
    workloads.close()
    for (const folder of [base, state]) if (folder !== '') removeUnmounted(folder)
  })

  it('alerts for each attack, also after the same name was harmless before', async () => {
    const running = (eunomia = new EunomiaProcess(['run', '--json', '--set', 'logLevel=info'], { EUNOMIA_STATE_FOLDER: state }))
    await running.says(/"msg":"watching"/)
    const cgroup = makeCgroup()
    const run = (name: string, file: string, more: readonly string[], round: number): void => {
      const folder = join(base, [name, ...more, String(round)].join('-'))
      mkdirSync(folder)
      workloads.run(`attacks/${name}`, [cgroup.procs, file, folder, ...more], { prefix: OWN_MOUNTS })
    }
    // The probes learn that a file of this name is of no interest, below the same root.
    for (let round = 0; round < 3; round++) run('chroot-read', '/etc/hostname', [], round)
    for (const [name = '', ...more] of ATTACKS) run(name, SHADOW, more, 9)
    cgroup.remove()
    const alerts = (): string[] =>
      running
        .records<Alert>()
        .filter(({ rule, output }) => rule === RULE && output.includes(`read ${SHADOW} `))
        .flatMap(({ process }) => process?.name ?? [])
    const expected = new Set(ATTACKS.map(([name = '']) => name.slice(0, 15)))
    await running.until('an alert for each attack', () => [...expected].every((name) => alerts().includes(name)))
    assert.equal(alerts().filter((name) => name === 'bind-read').length, 2)
    assert.equal(await running.interrupt(), 0, running.stderr)
  })
})
