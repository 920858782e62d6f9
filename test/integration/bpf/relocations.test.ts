// The programs on other kernels: each field and type that they read exists in the BTF of those kernels, or its existence is checked
// before it is read. bpftool resolves the relocations as the loader does, and reports each. Needs no root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { PROBE_NEEDS, isAtLeast } from '../../../native/requirements.js'
import { defaultObjectPath } from '../../../native/rings.js'
import { skipBecause } from '../../support/runner/skip-because.js'

/** Made by bpf/fetch-btf.sh. */
const FETCHED = join(packageRoot(), '.eunomia/btf')
const RUNNING = '/sys/kernel/btf/vmlinux'

/** At least one alternative of each difference between kernels must exist. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ['inode.i_ctime_sec', 'inode___6_6.__i_ctime', 'inode___before_6_6.i_ctime.tv_sec'],
  ['inode.i_mtime_sec', 'inode___6_6.__i_mtime', 'inode___before_6_6.i_mtime.tv_sec'],
  ['cred.cap_effective.val', 'kernel_cap_struct___before_6_3.cap[0]'],
  ['ns_common.ns_type', 'ns_common___before_6_18.ops'],
  ['cgroup.ancestors[0]', 'cgroup___before_6_1.ancestor_ids[0]'],
]
/** On kernels that have the probe of io_uring. */
const ALTERNATIVES_OF_IO_URING: readonly (readonly string[])[] = [
  ['io_open.filename', 'io_open___after_6_18.filename.__incomplete_filename'],
  ['io_unlink.filename', 'io_unlink___after_6_18.filename.__incomplete_filename'],
  ['io_mkdir.filename', 'io_mkdir___after_6_18.filename.__incomplete_filename'],
  ['io_link.newpath', 'io_link___after_6_18.newpath.__incomplete_filename'],
  ['io_rename.newpath', 'io_rename___after_6_18.newpath.__incomplete_filename'],
]

interface Relocation {
  readonly section: string
  /** type.field */
  readonly reads: string
  readonly isFound: boolean
}

function relocations(object: string, btf: string, folder: string): Relocation[] {
  const args = ['--debug', 'gen', 'min_core_btf', btf, join(folder, 'min.btf'), object]
  const { status, stderr, stdout } = spawnSync('/usr/sbin/bpftool', args, { encoding: 'utf8', maxBuffer: 64 << 20 })
  assert.equal(status, 0, stderr.slice(-2000))
  const found: Relocation[] = []
  let reads = ''
  for (const [, section = '', result = ''] of `${stdout}\n${stderr}`.matchAll(/^libbpf: prog '([^']+)': relo #\d+: (.*)$/gm)) {
    const [, wanted] = /^<\w+> \[\d+\] (?:struct|union|enum|typedef) (.*?)(?: \(.*)?$/.exec(result) ?? []
    if (wanted !== undefined) reads = wanted
    else found.push({ section, reads, isFound: result.startsWith('matching candidate') })
  }
  return found
}

const sourcesOf = (pattern: RegExp): string =>
  readdirSync(join(packageRoot(), 'bpf'), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => readFileSync(join(packageRoot(), 'bpf', file), 'utf8'))
    .join('\n')

describe('fields and types of the kernel that the programs read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-btf-'))
  const differences = sourcesOf(/core_fixes\.bpf\.h$/)
  const everything = sourcesOf(/\.bpf\.[ch]$/)
  /** Objects that are loaded on their own. */
  const others = readdirSync(dirname(defaultObjectPath()))
    .filter((file) => file.endsWith('.bpf.o') && file !== basename(defaultObjectPath()))
    .map((file) => join(dirname(defaultObjectPath()), file))
  after(() => rmSync(folder, { recursive: true }))

  /** Read in the header of the differences, under a name for other kernels, or checked where it is read. */
  const isExpected = ({ reads }: Relocation): boolean => {
    const [type = '', ...path] = reads.split('.')
    const field = path.join('.')
    const isAsked = (what: string): boolean => everything.includes(what)
    return (
      type.includes('___') ||
      (field !== '' && new RegExp(`\\b${field.replaceAll('.', '\\.')}\\b`).test(differences)) ||
      isAsked(`bpf_core_type_exists(struct ${type})`) ||
      new RegExp(`bpf_core_field_exists\\(\\w+->${field.replaceAll('.', '\\.')}`).test(everything) ||
      new RegExp(`IO_URING_NAME\\(\\w+, ${type}, ${field}\\)`).test(everything)
    )
  }

  const check = (btf: string, kernel: string): void => {
    const needs = [...PROBE_NEEDS.values()]
    const isRun = ({ section }: Relocation): boolean => needs.every(({ hook, first }) => hook !== section || isAtLeast(kernel, first))
    const all = relocations(defaultObjectPath(), btf, folder).filter(isRun)
    assert.ok(all.length > 500, `${String(all.length)} relocations`)
    const surprises = [...all, ...others.flatMap((object) => relocations(object, btf, folder))].filter(
      (one) => !one.isFound && !isExpected(one),
    )
    assert.deepEqual(surprises, [], `not in ${kernel}`)
    const found = new Set(all.filter(({ isFound }) => isFound).map(({ reads }) => reads))
    const hasIoUring = all.some(({ section }) => section === 'tp_btf/io_uring_submit_req')
    for (const names of [...ALTERNATIVES, ...(hasIoUring ? ALTERNATIVES_OF_IO_URING : [])])
      assert.ok(
        names.some((name) => found.has(name)),
        `${kernel}: none of ${names.join(', ')}`,
      )
  }

  it('are in the running kernel', function () {
    if (!existsSync(RUNNING)) skipBecause(this, `needs ${RUNNING}`)
    check(RUNNING, release())
  })

  it('are in the kernels of Debian', function () {
    const files = existsSync(FETCHED) ? readdirSync(FETCHED).filter((file) => file.endsWith('.btf')) : []
    if (files.length === 0) skipBecause(this, 'needs BTF of other kernels: bpf/fetch-btf.sh')
    for (const file of files) check(join(FETCHED, file), basename(file, '.btf'))
  })
})
