import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../../../../infra/process/logger.js'
import { Metrics } from '../../../../../infra/process/metrics.js'
import { RulesInvalidError } from '../../../../../processors/rule-engine/read/diagnostics.js'
import { startWatchedRules, type WatchedRules, type WatchedRulesConfig } from '../../../../../processors/rule-engine/load/watched-rules.js'
import { waitFor } from '../../../../support/wait-for.js'

const rule = (name: string): string => `- rule: ${name}\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n`

const WIDE = { deadlineMs: 600_000, setMs: 600_000, fileMs: 600_000, maxMib: 256 }

describe('watched rules', () => {
  let folder: string
  let rules: WatchedRules | undefined
  let metrics: Metrics
  const lines: { level: string; facts: Readonly<Record<string, unknown>>; message: string }[] = []
  const line =
    (level: string) =>
    (facts: Readonly<Record<string, unknown>>, message: string): void =>
      void lines.push({ level, facts, message })
  const log: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }

  /** Without a trial of the files unless `more` says otherwise: it loads the engine once more. */
  const start = async (intervalMs = 60_000, more: Partial<WatchedRulesConfig> = {}): Promise<WatchedRules> => {
    const timing = { quietMs: 10, lossMs: 50, intervalMs }
    const config: WatchedRulesConfig = { paths: [folder], matching: 'first', reload: true, trialBounds: null, ...timing, ...more }
    rules = await startWatchedRules(config, log, metrics)
    return rules
  }
  const names = (): string[] => rules?.ruleSet.rules.map(({ name }) => name) ?? []
  const errors = (): string[] => lines.filter(({ level }) => level === 'error').map(({ facts }) => String(facts['errors']))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watched-rules-'))
    metrics = new Metrics()
    lines.length = 0
    await writeFile(join(folder, '1.yaml'), rule('one'))
  })
  afterEach(async () => {
    await rules?.stop('test ends')
    await rm(folder, { recursive: true })
  })

  it('loads a changed set in place of the one before, whole, with another evaluator', async () => {
    const before = (await start(60_000, { trialBounds: WIDE })).current()
    assert.deepEqual(names(), ['one'])
    await writeFile(join(folder, '2.yaml'), rule('two'))
    await waitFor('the second rule', () => names().length === 2)
    assert.notEqual(rules?.current(), before)
    assert.equal(rules?.current().ruleSetHash, rules?.ruleSet.hash)
    const text = await metrics.text()
    assert.match(text, new RegExp(`^eunomia_rule_set_info\\{rule_set="${before.ruleSetHash}"\\} 0$`, 'm'))
    assert.match(text, new RegExp(`^eunomia_rule_set_info\\{rule_set="${String(rules?.ruleSet.hash)}"\\} 1$`, 'm'))
    assert.match(text, /^eunomia_rules_active 2$/m)
  })

  it('follows the field mappings of Sigma rules as it follows the rules, and keeps the set when one is broken', async () => {
    const pipeline = join(folder, 'pipeline')
    const mapping = (name: string): string => `transformations: [{type: field_name_mapping, mapping: {exe: ${name}}}]\n`
    await mkdir(join(folder, 'sigma'))
    const sigma = 'title: s\nlogsource: {category: process_creation}\ndetection: {s: {exe: /bin/x}, condition: s}\n'
    await writeFile(join(folder, 'sigma', 's.yml'), sigma)
    await writeFile(pipeline, mapping('none'))
    await start(20, { paths: [join(folder, 'sigma')], pipelinePaths: [pipeline], trialBounds: WIDE })
    assert.equal(rules?.ruleSet.activeRules.length, 0)
    await writeFile(pipeline, mapping('Image'))
    await waitFor('the mapped rule', () => rules?.ruleSet.activeRules.length === 1)
    await writeFile(pipeline, mapping('Image').replace('field_name_mapping', 'field_name_maping'))
    // A slow machine may read the emptied file as well, and report it.
    await waitFor('the mistake', () => errors().some((error) => error.includes('unknown transformation')))
    assert.match(errors().at(-1) ?? '', /pipeline:1:26: unknown transformation 'field_name_maping'/)
    assert.equal(rules.ruleSet.activeRules.length, 1)
  })

  it('keeps the set in force when a new one has a mistake, and names file and line, once', async () => {
    const before = (await start(20, { trialBounds: WIDE })).current()
    await writeFile(
      join(folder, '2.yaml'),
      `${rule('two')}\n- rule: three\n  desc: d\n  condition: evt.type = = x\n  output: o\n  priority: INFO\n`,
    )
    await waitFor('the report', () => errors().length > 0)
    assert.match(errors()[0] ?? '', /2\.yaml:9:/)
    await waitFor('some looks more', async () => /outcome="refused"\} 1$/m.test(await metrics.text()))
    assert.equal(rules?.current(), before)
    assert.deepEqual(names(), ['one'])
    await writeFile(join(folder, '2.yaml'), rule('two'))
    await waitFor('the fixed set', () => names().length === 2)
    assert.equal(errors().length, 1)
  })

  it('follows a file that is replaced by another one, as editors and deployments do', async () => {
    rules = await startWatchedRules(
      { paths: [join(folder, '1.yaml')], matching: 'first', reload: true, allowFewer: true, quietMs: 10, lossMs: 50, intervalMs: 60_000 },
      log,
      metrics,
    )
    for (const name of ['two', 'three']) {
      await writeFile(join(folder, 'new.tmp'), rule(name))
      await rename(join(folder, 'new.tmp'), join(folder, '1.yaml'))
      await waitFor(`rule ${name}`, () => names()[0] === name)
    }
  })

  it('follows a mounted ConfigMap, whose link to its data is swapped in one step', async () => {
    const mount = join(folder, 'mount')
    for (const [version, name] of [
      ['..v1', 'old'],
      ['..v2', 'new'],
    ] as const) {
      await mkdir(join(mount, version), { recursive: true })
      await writeFile(join(mount, version, 'rules.yaml'), rule(name))
    }
    await symlink('..v1', join(mount, '..data'))
    await symlink('..data/rules.yaml', join(mount, 'rules.yaml'))
    await start(20, { paths: [mount], allowFewer: true })
    assert.deepEqual(names(), ['old'])
    await symlink('..v2', join(mount, '..data_tmp'))
    await rename(join(mount, '..data_tmp'), join(mount, '..data'))
    await waitFor('the new rule', () => names()[0] === 'new')
    assert.deepEqual(names(), ['new'])
  })

  it('goes on without the rules of a file that is removed, and with those of the others', async () => {
    await writeFile(join(folder, '2.yaml'), rule('two'))
    await start(20)
    await rm(join(folder, '1.yaml'))
    await waitFor('the smaller set', () => names().join() === 'two')
    assert.deepEqual(errors(), [])
  })

  it('does not take a file that is written by half, and takes it when it is whole', async () => {
    await start(20)
    const whole = rule('two')
    await writeFile(join(folder, '2.yaml'), whole.slice(0, whole.indexOf('  output')))
    await waitFor('the refusal', () => errors().length > 0)
    assert.deepEqual(names(), ['one'])
    await writeFile(join(folder, '2.yaml'), whole)
    await waitFor('the whole file', () => names().length === 2)
  })

  it('keeps the set in force when a file or the whole folder is removed, and says why', async () => {
    await start(20, { allowFewer: true })
    await rm(folder, { recursive: true })
    await waitFor('the report', () => errors().length > 0)
    assert.deepEqual(names(), ['one'])
    await mkdir(folder)
    await writeFile(join(folder, '1.yaml'), rule('again'))
    await waitFor('the new set', () => names()[0] === 'again')
  })

  it('finds a change that no file system reported, after a while', async () => {
    await mkdir(join(folder, 'below'))
    await start(20)
    await writeFile(join(folder, 'below', '2.yaml'), rule('two'))
    await waitFor('the second rule', () => names().length === 2)
  })

  it('does not load again when nothing changed but the time of a file', async () => {
    const before = (await start(10)).current()
    await writeFile(join(folder, '1.yaml'), rule('one'))
    await writeFile(join(folder, 'note.txt'), 'no rule')
    await writeFile(join(folder, '2.yaml'), rule('two'))
    await waitFor('the second rule', () => names().length === 2)
    assert.match(await metrics.text(), /^eunomia_rules_reloads_total\{outcome="loaded"\} 1$/m)
    assert.notEqual(rules?.current(), before)
  })

  const BROKEN = '- rule: bad\n  desc: d\n  condition: evt.type = = x\n  output: o\n  priority: INFO\n'

  it('starts without the rules that have mistakes, reports each once with its place, and counts them', async () => {
    await writeFile(join(folder, '2.yaml'), `${BROKEN}${rule('two')}`)
    await writeFile(join(folder, '3.yaml'), 'a: [')
    const { ruleSet } = await start()
    assert.deepEqual(names(), ['one', 'two'])
    assert.deepEqual(
      ruleSet.quarantined.map(({ kind, name }) => [kind, name]),
      [
        ['file', join(folder, '3.yaml')],
        ['rule', 'bad'],
      ],
    )
    assert.equal(errors().length, 1)
    assert.match(errors()[0] ?? '', /2\.yaml:3:.*'bad'.*\n?/)
    assert.match(errors()[0] ?? '', /3\.yaml:1:/)
    assert.match(await metrics.text(), /^eunomia_rules_quarantined 2$/m)
  })

  it('takes a reload that fixes one mistake while another stays, and refuses one that brings a new one', async () => {
    await writeFile(join(folder, '2.yaml'), BROKEN)
    await writeFile(join(folder, '3.yaml'), BROKEN.replace('bad', 'worse'))
    await start()
    await writeFile(join(folder, '3.yaml'), rule('fixed'))
    await waitFor('the fixed rule', () => names().includes('fixed'))
    await writeFile(join(folder, '4.yaml'), BROKEN.replace('bad', 'new'))
    await waitFor('the refusal', async () => /outcome="refused"\} 1$/m.test(await metrics.text()))
    assert.deepEqual(names(), ['one', 'fixed'])
  })

  it('refuses any mistake when it is strict', async () => {
    await writeFile(join(folder, '2.yaml'), BROKEN)
    await assert.rejects(start(60_000, { strict: true }), RulesInvalidError)
  })

  it('refuses to start with no rule left, and with a path that is not there', async () => {
    await assert.rejects(start(60_000, { paths: [folder, join(folder, 'none')] }), RulesInvalidError)
    await writeFile(join(folder, '1.yaml'), BROKEN)
    await assert.rejects(start(), RulesInvalidError)
  })

  describe('a folder that loses rules', () => {
    const refusals = async (reason: string): Promise<boolean> =>
      new RegExp(`^eunomia_rules_reloads_refused_total\\{reason="${reason}"\\} 1$`, 'm').test(await metrics.text())
    const writeRules = async (...names: readonly string[]): Promise<void> => {
      for (const name of names) await writeFile(join(folder, `${name}.yaml`), rule(name))
    }

    it('keeps the set in force when it is emptied, logs an error that says what to do, and counts it', async () => {
      for (const allowFewer of [false, true]) {
        lines.length = 0
        metrics = new Metrics()
        await writeFile(join(folder, '1.yaml'), rule('one'))
        await start(20, { allowFewer })
        await rm(join(folder, '1.yaml'))
        await waitFor('the refusal', () => refusals('empty'))
        assert.deepEqual(names(), ['one'])
        const refused = lines.filter(({ level }) => level === 'error')
        assert.equal(refused.length, 1)
        assert.match(refused[0]?.message ?? '', /no enabled rule.*stay in force.*restore the files/)
        assert.deepEqual([refused[0]?.facts['before'], refused[0]?.facts['found']], [1, 0])
        await rules?.stop('next case')
      }
    })

    it('keeps the set in force when files are left that hold no rule', async () => {
      await start(20)
      await writeFile(join(folder, '1.yaml'), '# nothing\n')
      await waitFor('the refusal', () => refusals('empty'))
      assert.deepEqual(names(), ['one'])
    })

    it('keeps the set in force when every rule is switched off', async () => {
      await start(20)
      await writeFile(join(folder, '1.yaml'), rule('one').replace('  desc', '  enabled: false\n  desc'))
      await waitFor('the refusal', () => refusals('empty'))
      assert.equal(rules?.ruleSet.activeRules.length, 1)
    })

    it('refuses to lose more than half of the enabled rules, and takes the loss of half of them', async () => {
      await writeRules('2', '3', '4')
      await start(20)
      for (const name of ['2', '3', '4']) await rm(join(folder, `${name}.yaml`))
      await waitFor('the refusal', () => refusals('fewer'))
      assert.deepEqual(names(), ['one', '2', '3', '4'])
      assert.match(lines.find(({ level }) => level === 'error')?.message ?? '', /more than half.*--allow-fewer/)
      await writeRules('2')
      await waitFor('half of the rules', () => names().length === 2)
    })

    it('takes the loss of more than half where that is allowed', async () => {
      await writeRules('2', '3', '4')
      await start(20, { allowFewer: true })
      for (const name of ['2', '3', '4']) await rm(join(folder, `${name}.yaml`))
      await waitFor('the one rule', () => names().length === 1)
    })

    it('never drops a rule in the gap in which its file is removed and written again', async () => {
      await writeRules('2', '3')
      await start(5, { quietMs: 5, lossMs: 60_000, trialBounds: WIDE })
      const before = rules?.current()
      for (let round = 0; round < 5; round++) {
        await rm(join(folder, '2.yaml'))
        await writeFile(join(folder, '.2.yaml.Xy12'), rule('2'))
        await writeFile(join(folder, '2.yaml.tmp'), 'rubbish: [')
        // Many times the quiet time: the gap is seen.
        await new Promise((resolve) => setTimeout(resolve, 40))
        assert.equal(rules?.current(), before)
        await rename(join(folder, '.2.yaml.Xy12'), join(folder, '2.yaml'))
      }
      await writeRules('4')
      await waitFor('the fourth rule', () => names().length === 4)
      assert.deepEqual(errors(), [])
      assert.match(await metrics.text(), /^eunomia_rules_reloads_total\{outcome="loaded"\} 1$/m)
    })

    it('never drops a rule in such a gap either when another rule has a mistake', async () => {
      await writeRules('2', '3')
      await writeFile(join(folder, 'bad.yaml'), BROKEN)
      await start(5, { quietMs: 5, lossMs: 60_000 })
      await rm(join(folder, '2.yaml'))
      await new Promise((resolve) => setTimeout(resolve, 60))
      assert.deepEqual(names(), ['one', '2', '3'])
    })

    it('never takes a file that is cut between two rules and grows on', async () => {
      await writeFile(join(folder, '1.yaml'), rule('one') + rule('two') + rule('three'))
      await start(5, { quietMs: 5, lossMs: 60_000 })
      await writeFile(join(folder, '1.yaml'), rule('one') + rule('two'))
      await new Promise((resolve) => setTimeout(resolve, 60))
      assert.deepEqual(names(), ['one', 'two', 'three'])
      await writeFile(join(folder, '1.yaml'), rule('one') + rule('two') + rule('three') + rule('four'))
      await waitFor('the whole file', () => names().length === 4)
    })
  })

  it('refuses to start with a folder that holds no rule, and names it', async () => {
    await rm(join(folder, '1.yaml'))
    await writeFile(join(folder, 'macros.yaml'), '- macro: m\n  condition: evt.type = open\n')
    await assert.rejects(
      start(),
      (error: unknown) => error instanceof RulesInvalidError && error.message.includes(`${folder}: no rule is left here`),
    )
  })

  it('starts with an empty folder next to one that holds rules, and warns of it', async () => {
    const empty = join(folder, 'rules.d')
    await mkdir(empty)
    await start(60_000, { paths: [folder, empty] })
    assert.deepEqual(names(), ['one'])
    assert.deepEqual(lines.find(({ level }) => level === 'warn')?.facts, { folder: empty })
  })

  it('refuses a set whose load throws, keeps the set in force, and follows on', async () => {
    const source = { toString: (): string => assert.fail('a defect') }
    let isBroken = false
    const switches = [{ text: 's', isOn: true, fits: (): boolean => (isBroken ? String(source) === '' : false) }]
    const { done } = await start(20, { switches, trialBounds: WIDE })
    let isEnded = false
    done.finally(() => (isEnded = true)).catch(() => undefined)
    isBroken = true
    await writeFile(join(folder, '2.yaml'), rule('two'))
    await waitFor('the refusal', async () => /reason="failure"\} 1$/m.test(await metrics.text()))
    assert.deepEqual([names(), isEnded], [['one'], false])
    assert.equal(lines.find(({ level }) => level === 'error')?.facts['error'], 'a defect')
    isBroken = false
    await writeFile(join(folder, '3.yaml'), rule('three'))
    await waitFor('the next set', () => names().length === 3)
  })

  it('refuses files whose load does not end in time, and keeps the set in force', async () => {
    const trialBounds = { ...WIDE }
    await start(20, { trialBounds })
    trialBounds.setMs = 0
    await writeFile(join(folder, '2.yaml'), rule('two'))
    await waitFor('the refusal', async () => /reason="failure"\} 1$/m.test(await metrics.text()))
    assert.deepEqual(names(), ['one'])
    assert.match(String(lines.find(({ level }) => level === 'error')?.facts['error']), /^loading the rules takes too long/)
  })

  it('starts without a file that would exhaust the memory, names it, and follows later changes', async () => {
    await writeFile(join(folder, '2.yaml'), '- aaaaaaaaaa\n'.repeat(150_000))
    await writeFile(join(folder, '3.yaml'), rule('three'))
    await start(20, { trialBounds: { ...WIDE, maxMib: 48 } })
    assert.deepEqual(names(), ['one', 'three'])
    assert.match(errors()[0] ?? '', /2\.yaml: loading takes more than 48 MiB/)
    await writeFile(join(folder, '4.yaml'), rule('four'))
    await waitFor('the next set', () => names().length === 3)
  })

  it('logs a refusal again while it lasts', async () => {
    await start(20)
    await writeFile(join(folder, '2.yaml'), BROKEN)
    await waitFor('the refusal', () => errors().length === 1)
    const now = performance.now.bind(performance)
    performance.now = () => now() + 600_000
    try {
      await waitFor('the reminder', () => errors().length === 2)
    } finally {
      performance.now = now
    }
    assert.equal(errors()[0], errors()[1])
  })

  it('calls nothing after it was stopped', async () => {
    const started = await start(5)
    await started.stop('test')
    await started.done
    await writeFile(join(folder, '2.yaml'), rule('two'))
    assert.deepEqual(names(), ['one'])
  })
})
