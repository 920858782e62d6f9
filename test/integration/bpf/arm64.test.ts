// The programs compile for arm64, with its table of system calls and its registers, by the same script.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'

describe('programs for arm64', () => {
  it('are built without a warning, with the same hooks', () => {
    const folder = join(packageRoot(), 'bpf/build/arm64')
    rmSync(folder, { recursive: true, force: true })
    const env = { ...process.env, ARCH: 'arm64' }
    const { status, stderr } = spawnSync('sh', [join(packageRoot(), 'bpf/build.sh')], { encoding: 'utf8', env })
    assert.deepEqual([stderr, status], ['', 0])
    const sections = (object: string): string[] =>
      spawnSync('llvm-readelf-19', ['--sections', '--wide', object], { encoding: 'utf8' })
        .stdout.split('\n')
        .flatMap((line) => /\] (tp_btf\/\S+|cgroup\/\S+|iter\S+)/.exec(line)?.[1] ?? [])
    assert.ok(existsSync(join(folder, 'eunomia.bpf.o')))
    assert.deepEqual(sections(join(folder, 'eunomia.bpf.o')), sections(join(packageRoot(), 'bpf/build/eunomia.bpf.o')))
    assert.ok(sections(join(folder, 'eunomia.bpf.o')).length > 10)
  })
})
