// Objects in a folder, also one in which somebody has put links.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FolderStore } from '../../../../../processors/forensics/objects/folder-store.js'
import { ObjectNameError } from '../../../../../processors/forensics/objects/object-store.js'
import { objectStoreCases } from '../../../../support/forensics/object-store-cases.js'

describe('a folder of objects', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eunomia-objects-'))
  })

  afterEach(async () => await rm(folder, { recursive: true }))

  objectStoreCases(() => FolderStore.open(join(folder, 'archive')))

  it('follows no symbolic link below it', async () => {
    const store = await FolderStore.open(join(folder, 'archive'))
    await mkdir(join(folder, 'outside'))
    await writeFile(join(folder, 'outside', 'secret'), 'secret')
    await symlink(join(folder, 'outside'), join(folder, 'archive', 'process'))
    await mkdir(join(folder, 'archive', 'file'))
    await symlink(join(folder, 'outside', 'secret'), join(folder, 'archive', 'file', 'link'))
    await assert.rejects(store.put('process/a.parquet', Buffer.from('a')), ObjectNameError)
    await assert.rejects(store.get('process/secret'), ObjectNameError)
    await assert.rejects(store.get('file/link'), ObjectNameError)
    await assert.rejects(store.remove('process/secret'), ObjectNameError)
    for await (const { name } of store.list('')) assert.fail(name)
    await store.put('file/link', Buffer.from('own'))
    assert.equal(await readFile(join(folder, 'outside', 'secret'), 'utf8'), 'secret')
    assert.deepEqual(await readdir(join(folder, 'outside')), ['secret'])
  })

  it('leaves nothing behind when an object can not be written', async () => {
    const store = await FolderStore.open(join(folder, 'archive'))
    await mkdir(join(folder, 'archive', 'process', 'a.parquet'), { recursive: true })
    await assert.rejects(store.put('process/a.parquet', Buffer.from('a')), { code: 'EUNOMIA_ARCHIVE_STORE', isRetryable: true })
    assert.deepEqual(await readdir(join(folder, 'archive', 'process')), ['a.parquet'])
  })
})
