// What the kernel programs report of an executable, by which rules exempt programs: each trick changes one fact of what is else /usr/bin/true.
import { EXEC_EVENT, KIND, TASK_FACTS } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { chmodSync, chownSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { EXE_FLAGS } from '../../../schemas/generated/exe-flags.js'
import { originOf } from '../../../schemas/program-origin.js'
import { execOf } from './kernel-records.js'
import { useWatch } from './watch.js'

type Flag = keyof typeof EXE_FLAGS
const TRUE = '/usr/bin/true'
const INSTALLED: readonly Flag[] = ['known', 'local', 'rootOwned', 'hostRoot', 'hostNamespace', 'rootNamespace']
/** Variables that name a file which a shell runs first. */
const SHELL_FILES: ReadonlySet<string> = new Set(['BASH_ENV', 'ENV'])

const without = (...names: readonly Flag[]): readonly Flag[] => INSTALLED.filter((flag) => !names.includes(flag))

interface Started {
  readonly flags: readonly Flag[]
  readonly origin: string | null
}

describe('facts of an executable', () => {
  const watch = useWatch()
  // Not in /tmp: a system folder, so that the path alone would be one of installed programs.
  const folder = mkdtempSync('/usr/local/lib/eunomia-facts-')
  const program = join(folder, 'program')
  before(() => {
    chmodSync(folder, 0o755)
    copyFileSync(TRUE, program)
    chmodSync(program, 0o755)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** The last program that a shell script starts. */
  function started(script: string): Started {
    const last = startedEach(script).at(-1)
    assert(last !== undefined, 'no exec')
    return { flags: last.flags, origin: last.origin }
  }

  /** Every program that a shell script starts. */
  function startedEach(script: string): (Started & { readonly path: string })[] {
    const { records } = watch((cgroup) => {
      const text = `echo 0 > ${cgroup.procs}; export PATH=/usr/sbin:/usr/bin; ${script}`
      const { stderr } = spawnSync('/bin/sh', ['-c', text], { env: {}, encoding: 'utf8' })
      if (stderr !== '') process.stderr.write(stderr)
    })
    return records
      .filter(({ kind }) => kind === KIND.exec)
      .map((record) => {
        const flags = record.bytes.readUInt32LE(EXEC_EVENT.facts + TASK_FACTS.exeFlags)
        const { exePath, filename } = execOf(record)
        const given = (flags & EXE_FLAGS.interpreted) === 0 ? null : filename
        const names = (Object.keys(EXE_FLAGS) as Flag[]).filter((name) => (flags & EXE_FLAGS[name]) !== 0)
        return { flags: names.sort(), origin: originOf({ flags, exePath, program: given, isInContainer: false }), path: exePath }
      })
  }
  const is = (flags: readonly Flag[], origin: string | null): Started => ({ flags: [...flags].sort(), origin })

  it('of an installed program prove the host', () => {
    assert.deepEqual(started(`exec ${TRUE}`), is(INSTALLED, 'host'))
    assert.deepEqual(started(`exec ${program}`), is(INSTALLED, 'host'))
  })

  it('of a copy elsewhere are the same, but its path is not of the system', () => {
    const copy = mkdtempSync('/tmp/eunomia-facts-')
    copyFileSync(TRUE, join(copy, 'runc'))
    assert.deepEqual(started(`exec ${copy}/runc`), is(INSTALLED, null))
    rmSync(copy, { recursive: true })
  })

  it('say who owns it, and who may write it', () => {
    const mine = join(folder, 'mine')
    copyFileSync(TRUE, mine)
    chownSync(mine, 65534, 65534)
    assert.deepEqual(started(`exec ${mine}`), is(without('rootOwned'), null))
    chownSync(mine, 0, 0)
    chmodSync(mine, 0o775)
    assert.deepEqual(started(`exec ${mine}`), is([...INSTALLED, 'sharedWrite'], null))
    chmodSync(mine, 0o755)
    assert.deepEqual(started(`exec ${mine}`), is(INSTALLED, 'host'))
  })

  it('of a hard link are those of the file: only its path differs', () => {
    linkSync(program, join(folder, 'link'))
    assert.deepEqual(started(`exec ${folder}/link`), is(INSTALLED, 'host'))
  })

  it('of a file that was deleted while it was open', () => {
    copyFileSync(TRUE, join(folder, 'gone'))
    assert.deepEqual(started(`exec 3< ${folder}/gone; rm ${folder}/gone; exec /proc/self/fd/3`), is([...INSTALLED, 'unlinked'], null))
  })

  it('of a file that is mounted over another', () => {
    assert.deepEqual(
      started(`exec unshare -m sh -c 'mount --bind ${program} ${TRUE}; exec ${TRUE}'`),
      is([...without('hostNamespace'), 'mountRoot'], null),
    )
  })

  it('of a copied mount namespace of root are those of the host, and of a user are not', () => {
    assert.deepEqual(started(`exec unshare -m ${TRUE}`), is(without('hostNamespace'), 'host'))
    assert.deepEqual(started(`exec unshare -Urm ${TRUE}`), is(without('hostNamespace', 'rootNamespace'), null))
  })

  it('of another root folder are not those of the host', () => {
    const root = join(folder, 'root')
    for (const name of ['usr/bin', 'lib64', 'lib']) mkdirSync(join(root, name), { recursive: true })
    copyFileSync('/usr/lib64/ld-linux-x86-64.so.2', join(root, 'lib64/ld-linux-x86-64.so.2'))
    copyFileSync('/usr/lib/x86_64-linux-gnu/libc.so.6', join(root, 'lib/libc.so.6'))
    copyFileSync(TRUE, join(root, 'usr/bin/apt'))
    assert.deepEqual(started(`exec chroot ${root} /usr/bin/apt`), is(without('hostRoot'), null))
  })

  it('of a read-only file system, of a tmpfs, and of one of a user', () => {
    const mounted = (how: string, options = ''): Started =>
      started(`exec unshare -m${options} sh -c 'mount ${how} /usr/local/lib; cp ${TRUE} /usr/local/lib/apt; exec /usr/local/lib/apt'`)
    assert.deepEqual(mounted('-t tmpfs none'), is([...without('hostNamespace'), 'inMemory'], 'host'))
    assert.deepEqual(mounted('-t tmpfs none', 'Ur'), is([...without('hostNamespace', 'rootNamespace', 'local'), 'inMemory'], null))
    assert.deepEqual(
      started(`exec unshare -m sh -c 'mount --bind -o ro ${folder} ${folder}; exec ${program}'`),
      is([...without('hostNamespace'), 'readOnly'], 'host'),
    )
  })

  it('of a mount that no namespace has', () => {
    assert.deepEqual(
      started(
        `exec unshare -m sh -c 'mount -t tmpfs none /mnt; cp ${TRUE} /mnt/apt; exec 3< /mnt/apt; umount -l /mnt; exec /proc/self/fd/3'`,
      ),
      is([...without('hostNamespace'), 'foreignMount', 'inMemory'], null),
    )
  })

  it('of layers of an overlay', () => {
    const lower = join(folder, 'lower')
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(folder, name))
    copyFileSync(TRUE, join(lower, 'apt'))
    const overlay = (script: string): Started => {
      const options = `lowerdir=${lower},upperdir=/mnt/upper,workdir=/mnt/work`
      const prepare = `mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work; mount -t overlay overlay -o ${options} ${folder}/merged`
      return started(`exec unshare -m sh -c '${prepare}; ${script}'`)
    }
    assert.deepEqual(overlay(`exec ${folder}/merged/apt`), is([...without('hostNamespace'), 'lowerLayer'], 'host'))
    assert.deepEqual(
      overlay(`ln ${folder}/merged/apt ${folder}/merged/dpkg; exec ${folder}/merged/dpkg`),
      is([...without('hostNamespace'), 'upperLayer'], 'host'),
    )
  })

  it('say that variables of linker, interpreters and libraries load other code into it', () => {
    const names = ['LD_PRELOAD', 'LD_AUDIT', 'BASH_ENV', 'BASH_FUNC_ls%%', 'PYTHONPATH', 'PERL5LIB', 'NODE_OPTIONS', 'ENV', 'OPENSSL_CONF']
    const each = startedEach(names.map((name) => `env ${name}=/nonexistent.so ${TRUE} 2> /dev/null`).join('; ')).filter(
      ({ path }) => path === TRUE,
    )
    assert.deepEqual(
      each.map(({ flags, origin }) => ({ flags, origin })),
      names.map((name) => is([...INSTALLED, 'steered', ...(SHELL_FILES.has(name) ? ['shellFile' as const] : [])], null)),
    )
  })

  it('do not say so of names that only look like it, nor of an empty environment', () => {
    assert.deepEqual(started(`exec env XLD_PRELOAD=x LDX=x PYTHONUNBUFFERED=1 ENVIRONMENT=x BASH_VERSION=x ${TRUE}`), is(INSTALLED, 'host'))
    assert.deepEqual(started(`exec env -i ${TRUE}`), is(INSTALLED, 'host'))
  })

  it('say so of an environment that is too long to be looked through', () => {
    const script = `i=0; while [ $i -lt 4200 ]; do set -- "$@" A$i=1; i=$((i+1)); done; exec env "$@" LD_PRELOAD=/nonexistent.so ${TRUE} 2> /dev/null`
    assert.deepEqual(started(script), is([...INSTALLED, 'steered'], null))
  })

  it('of a script are those of its interpreter, and prove nothing about the script', () => {
    const script = join(folder, 'dnf')
    writeFileSync(script, '#!/usr/bin/cat\n', { mode: 0o755 })
    assert.deepEqual(started(`exec ${script} > /dev/null`), is([...INSTALLED, 'interpreted'], null))
    assert.deepEqual(started(`cd ${folder}; exec ./dnf > /dev/null`), is([...INSTALLED, 'interpreted'], null))
    assert.deepEqual(started(`exec /usr/local/lib/../../..${script} > /dev/null`), is([...INSTALLED, 'interpreted'], null))
  })
})
