// Giving a folder to the collector's user. Descriptors are recorded instead of given: no test needs root.
import assert from 'node:assert/strict'
import { fstatSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { giveFolder, processesOf } from '../../../../infra/process/own-user.js'

describe('giving a folder to a user', () => {
  const other = { uid: (process.getuid?.() ?? 0) + 1, gid: 1 }
  let top = ''
  let state = ''
  let given: number[] = []
  const record = (fd: number): void => void given.push(fstatSync(fd).ino)
  const inodes = (...paths: string[]): number[] => paths.map((path) => statSync(join(top, path)).ino).sort()

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'eunomia-give-'))
    state = join(top, 'state')
    for (const folder of ['state', 'state/a', 'state/a/b', 'victim', 'victim/b']) mkdirSync(join(top, folder))
    for (const file of ['state/host-id', 'state/a/b/log', 'victim/shadow', 'victim/b/log']) writeFileSync(join(top, file), '')
    given = []
  })
  afterEach(() => rmSync(top, { recursive: true, force: true }))

  it('gives all folders and files', () => {
    giveFolder(state, other, record)
    assert.deepEqual(given.sort(), inodes('state', 'state/a', 'state/a/b', 'state/a/b/log', 'state/host-id'))
  })

  it('follows no link, and leaves out files with another name', () => {
    symlinkSync(join(top, 'victim'), join(state, 'link'))
    symlinkSync(join(top, 'victim/shadow'), join(state, 'file-link'))
    linkSync(join(top, 'victim/shadow'), join(state, 'second-name'))
    giveFolder(state, other, record)
    assert.deepEqual(given.sort(), inodes('state', 'state/a', 'state/a/b', 'state/a/b/log', 'state/host-id'))
    symlinkSync(state, join(top, 'link'))
    assert.throws(() => giveFolder(join(top, 'link'), other, record), { code: 'ENOTDIR' })
  })

  it('gives nothing elsewhere when a folder becomes a link meanwhile', () => {
    const [a, b] = inodes('state/a').concat(inodes('state/a/b'))
    for (const [from, inode] of [
      ['state/a', a],
      ['state/moved/b', b],
    ] as const) {
      const swapped = from === 'state/a' ? 'state/moved' : 'state/moved/away'
      giveFolder(state, other, (fd) => {
        record(fd)
        if (fstatSync(fd).ino !== inode) return
        renameSync(join(top, from), join(top, swapped))
        symlinkSync(join(top, from === 'state/a' ? 'victim' : 'victim/b'), join(top, from))
      })
    }
    const victims = inodes('victim', 'victim/shadow', 'victim/b', 'victim/b/log')
    assert.deepEqual(
      given.filter((inode) => victims.includes(inode)),
      [],
    )
    assert.ok(given.includes(statSync(join(top, 'state/moved/away/log')).ino))
  })

  it('leaves what the user owns already, and what is nested too deep', () => {
    const { uid, gid } = statSync(state)
    giveFolder(state, { uid, gid }, record)
    assert.deepEqual(given, [])
    mkdirSync(join(state, Array.from({ length: 20 }, () => 'deep').join('/')), { recursive: true })
    giveFolder(state, other, record)
    assert.equal(given.length, 5 + 16)
  })
})

describe('processes of a user', () => {
  it('are found by the owner of their folders, ten at most', () => {
    const proc = mkdtempSync(join(tmpdir(), 'eunomia-proc-'))
    try {
      const { uid } = statSync(proc)
      for (const name of ['sys', '7']) mkdirSync(join(proc, name))
      assert.deepEqual([processesOf(uid, proc), processesOf(uid + 1, proc)], [[7], []])
      for (let pid = 100; pid < 120; pid++) mkdirSync(join(proc, String(pid)))
      assert.equal(processesOf(uid, proc).length, 10)
    } finally {
      rmSync(proc, { recursive: true })
    }
  })
})
