// Names of users and groups from passwd and group files, including hostile ones.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_ENTRIES, parseUserFile, Users } from '../../../../collector/users/users.js'

describe('names of users and groups', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-users-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('come from the files of the folder', () => {
    writeFileSync(join(folder, 'passwd'), 'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n')
    writeFileSync(join(folder, 'group'), 'wheel:x:10:alice\n')
    const users = new Users(folder)
    assert.deepEqual([users.userName(0), users.userName(1000), users.userName(7)], ['root', 'alice', null])
    assert.deepEqual([users.groupName(10), users.groupName(0)], ['wheel', null])
  })

  it('are null when there are no files', () => {
    assert.equal(new Users(folder).userName(0), null)
  })

  it('follow changes of a file, and increment their generation', () => {
    const passwd = join(folder, 'passwd')
    writeFileSync(passwd, 'old:x:7:7::/:/bin/sh\n')
    const users = new Users(folder)
    const { generation } = users
    users.refresh()
    assert.equal(users.generation, generation, 'nothing changed')
    writeFileSync(passwd, 'new:x:7:7::/:/bin/sh\n')
    utimesSync(passwd, 1, 1)
    users.refresh()
    assert.equal(users.userName(7), 'new')
    assert.equal(users.generation, generation + 1)
    rmSync(passwd)
    users.refresh()
    assert.equal(users.userName(7), null)
  })

  it('are the first of several for one number, as in the C library', () => {
    assert.equal(parseUserFile('toor:x:0:0\nroot:x:0:0\n').names.get(0), 'toor')
  })

  for (const [what, line] of [
    ['empty', ''],
    ['a comment', '#x:x:7:'],
    ['without a name', ':x:7:7'],
    ['without a number', 'a:x'],
    ['with a negative number', 'a:x:-7:'],
    ['with a number in hexadecimal', 'a:x:0x7:'],
    ['with a number beyond 32 bits', 'a:x:99999999999:'],
    ['with the number that means none', 'a:x:4294967295:'],
    ['of a NIS import', '+::::::'],
    ['of binary rubbish', '\0\x1b\ufffd'],
  ] as const) {
    it(`skip a line that is ${what}, and read the next`, () => {
      const { names } = parseUserFile(`${line}\ngood:x:8:8\n`)
      assert.deepEqual([...names], [[8, 'good']])
    })
  }

  it('are bounded, and count what was left out', () => {
    const lines = Array.from({ length: MAX_ENTRIES + 5 }, (_, id) => `u${String(id)}:x:${String(id)}:`)
    const { names, skipped } = parseUserFile(lines.join('\n'))
    assert.deepEqual([names.size, skipped], [MAX_ENTRIES, 5])
    const line = 'a:x:7:\n'
    writeFileSync(join(folder, 'group'), line.repeat(Math.ceil((4 << 20) / line.length) + 1))
    assert.equal(new Users(folder).skipped, 1)
  })
})
