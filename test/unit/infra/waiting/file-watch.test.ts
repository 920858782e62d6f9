import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileWatch } from '../../../../infra/waiting/file-watch.js'
import { waitFor } from '../../../support/wait-for.js'

describe('infra/waiting/file-watch', () => {
  let root: string
  let calls: number
  let watch: FileWatch | null
  /** The interval is longer than any test: only reports of the kernel count. */
  const start = (...paths: string[]): void => {
    watch = new FileWatch({ paths: paths.map((path) => join(root, path)), quietMs: 20, intervalMs: 3_600_000 }, () => calls++)
  }
  /** Makes a change and waits until it, and what it still reports, led to calls. */
  const reported = async (what: string, change: () => void): Promise<void> => {
    const before = calls
    change()
    await waitFor(`a call after ${what}`, () => calls > before)
    await quiet()
  }
  const quiet = async (): Promise<void> => {
    for (let before = -1; before !== calls;) {
      before = calls
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text)

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'eunomia-file-watch-'))
    mkdirSync(join(root, 'etc/rules/team'), { recursive: true })
    write('etc/rules/a.yaml', 'a')
    calls = 0
    watch = null
  })
  afterEach(async () => {
    await watch?.stop()
    rmSync(root, { recursive: true, force: true })
  })

  it('reports changes of a folder that was removed and created again', async () => {
    start('etc/rules')
    await reported('the removal', () => rmSync(join(root, 'etc/rules'), { recursive: true }))
    await reported('the creation', () => mkdirSync(join(root, 'etc/rules')))
    for (const text of ['1', '2']) await reported(`change ${text}`, () => write('etc/rules/a.yaml', text))
  })

  it('reports changes of a folder that another took the place of, as a deployment does', async () => {
    start('etc/rules')
    mkdirSync(join(root, 'etc/new'))
    await reported('the swap', () => {
      renameSync(join(root, 'etc/rules'), join(root, 'etc/old'))
      renameSync(join(root, 'etc/new'), join(root, 'etc/rules'))
    })
    await reported('a change', () => write('etc/rules/b.yaml', 'b'))
  })

  it('reports changes of a folder below that was removed and created again', async () => {
    start('etc/rules')
    await reported('the removal', () => rmSync(join(root, 'etc/rules/team'), { recursive: true }))
    await reported('the creation', () => mkdirSync(join(root, 'etc/rules/team')))
    await reported('a change', () => write('etc/rules/team/b.yaml', 'b'))
  })

  it('reports changes of a file whose folder was removed with the one above it, and created again', async () => {
    start('etc/rules/a.yaml')
    await reported('the removal', () => rmSync(join(root, 'etc'), { recursive: true }))
    await reported('the creation', () => mkdirSync(join(root, 'etc')))
    await reported('the creation of the next', () => mkdirSync(join(root, 'etc/rules')))
    for (const text of ['1', '2']) await reported(`change ${text}`, () => write('etc/rules/a.yaml', text))
  })

  it('reports changes behind a link that leads to another folder since', async () => {
    mkdirSync(join(root, 'v2'))
    symlinkSync(join(root, 'etc/rules'), join(root, 'current'))
    start('current')
    await reported('the new link', () => {
      symlinkSync(join(root, 'v2'), join(root, 'next'))
      renameSync(join(root, 'next'), join(root, 'current'))
    })
    await reported('a change', () => write('v2/a.yaml', 'a'))
  })

  it('reports a path that is created later, and nothing of its neighbours', async () => {
    start('later/rules')
    write('neighbour', 'x')
    mkdirSync(join(root, 'etc/later'))
    await quiet()
    assert.equal(calls, 0)
    await reported('the creation of the folder above', () => mkdirSync(join(root, 'later')))
    await reported('the creation', () => mkdirSync(join(root, 'later/rules')))
    await reported('a change', () => write('later/rules/a.yaml', 'a'))
  })

  it('calls no more once it was stopped', async () => {
    start('etc/rules')
    write('etc/rules/a.yaml', 'b')
    await watch?.stop()
    await quiet()
    assert.equal(calls, 0)
  })
})
