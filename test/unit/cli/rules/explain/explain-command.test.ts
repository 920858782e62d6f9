// `eunomia rules explain`: its output for a rule of a file, and for a name that no rule has.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EndedCommand, runInHost } from '../../../../support/system/command-host.js'

const RULES = `
- list: readers
  items: [cat, tac]

- macro: a_read
  condition: evt.type = openat and evt.is_open_read = true

- rule: Secret read
  desc: somebody reads the secret
  condition: a_read and proc.name in (readers) and fd.name = /secret
  output: secret read (command=%proc.cmdline)
  priority: CRITICAL
  tags: [files, T1552]

- rule: Connection made
  desc: what no record holds
  condition: evt.type = nanosleep and proc.name = nc
  output: connection (command=%proc.cmdline)
  priority: NOTICE
  enabled: false
`

describe('rules explain', () => {
  let folder: string
  let file: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-explain-'))
    file = join(folder, 'secret.yaml')
    writeFileSync(file, RULES)
  })
  after(() => rmSync(folder, { recursive: true }))
  const explain = async (...args: string[]): Promise<EndedCommand> => await runInHost(['rules', 'explain', ...args])

  /** Text of each title of the head, its continued lines put together. */
  const titled = (stdout: string): Map<string, string> => {
    const texts = new Map<string, string>()
    let title = ''
    for (const line of (stdout.split('\n\n')[0] ?? '').split('\n').slice(1)) {
      title = line.slice(0, 12).trim() || title
      texts.set(title, `${texts.get(title) ?? ''} ${line.slice(13)}`.trim())
    }
    return texts
  }

  it('shows what a rule is, where it is defined, and whether it can fire', async () => {
    const { status, stdout, stderr } = await explain('Secret read', file)
    assert.equal(status, 0, stderr)
    assert.equal(stdout.split('\n')[0], 'Secret read')
    const texts = titled(stdout)
    assert.deepEqual(
      ['what', 'priority', 'state', 'can fire', 'tags', 'ATT&CK', 'from', 'output', "can't fire"].map((title) => texts.get(title)),
      [
        'somebody reads the secret',
        'Critical',
        'on',
        'yes',
        'files, T1552',
        'T1552',
        `${file}:8`,
        'secret read (command=%proc.cmdline)',
        undefined,
      ],
    )
  })

  it('shows the condition as a tree with macros and lists put in, each under its name', async () => {
    const tree = ((await explain('Secret read', file)).stdout.split('\n\n')[1] ?? '').split('\n')
    assert.deepEqual(tree.slice(1), [
      '  and',
      '    and  (macro a_read)',
      '      evt.type = openat',
      '      evt.is_open_read = true',
      '    proc.name in (cat, tac)  (list readers)',
      '    fd.name = /secret',
    ])
  })

  it('shows each field that the condition reads, once, with its type', async () => {
    const fields = ((await explain('Secret read', file)).stdout.trimEnd().split('\n\n')[2] ?? '').split('\n').slice(2)
    assert.deepEqual(fields.map((line) => line.trim().split(/ {2,}/).slice(0, 2).join(' ')).sort(), [
      'evt.is_open_read BOOL',
      'evt.type CHARBUF',
      'fd.name CHARBUF',
      'proc.name CHARBUF',
    ])
  })

  it('shows that a rule is off, and why it cannot fire', async () => {
    const texts = titled((await explain('Connection made', file)).stdout)
    assert.equal(texts.get('state'), 'off')
    assert.match(texts.get("can't fire") ?? '', /nanosleep/)
  })

  it('prints the same as one JSON object, and finds a name in another case', async () => {
    const { status, stdout, stderr } = await explain('SECRET READ', file, '--json')
    assert.equal(status, 0, stderr)
    const explained = JSON.parse(stdout) as Record<string, unknown> & { fields: { name: string }[] }
    assert.deepEqual(
      [
        explained['name'],
        explained['language'],
        explained['priority'],
        explained['enabled'],
        explained['tags'],
        explained['unavailable'],
        explained['place'],
      ],
      ['Secret read', 'falco', 'Critical', true, ['files', 'T1552'], [], { file, line: 8, column: 3 }],
    )
    assert.equal(explained['condition'], 'a_read and proc.name in (readers) and fd.name = /secret')
    assert.deepEqual(explained.fields.map(({ name }) => name).sort(), ['evt.is_open_read', 'evt.type', 'fd.name', 'proc.name'])
  })

  it('ends with status 2 at a name that no rule has, and names the nearest, if one is near, and how to list all', async () => {
    const { status, stdout, stderr } = await explain('Secret raed', file)
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /no rule is named 'Secret raed'; did you mean 'Secret read'\? eunomia rules list shows all names/)
    assert.match((await explain('Cheese eaten', file)).stderr, /no rule is named 'Cheese eaten'; eunomia rules list shows all names/)
  })
})
