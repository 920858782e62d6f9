// Root file system of the test image: the host's static busybox with a link per applet, and the files that tests of suspicious reads use.
import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execFileAsync = promisify(execFile)
const BUSYBOX = '/usr/bin/busybox'

/** Creates the root file system below `folder`. @returns the path of its tar file */
export async function makeBusyboxTar(folder: string): Promise<string> {
  const root = join(folder, 'rootfs')
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'var/log']) mkdirSync(join(root, name), { recursive: true })
  copyFileSync(BUSYBOX, join(root, 'bin/busybox'))
  chmodSync(join(root, 'bin/busybox'), 0o755)
  chmodSync(join(root, 'tmp'), 0o1777)
  const { stdout } = await execFileAsync(BUSYBOX, ['--list'])
  for (const applet of stdout.split('\n')) {
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  writeFileSync(join(root, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n', { mode: 0o640 })
  const tar = join(folder, 'rootfs.tar')
  await execFileAsync('tar', ['-C', root, '-cf', tar, '.'])
  return tar
}
