// Queries of the archive: what is run, what is refused, and the bounds. The engine is the real one, over objects that it wrote itself.
import { DuckDBInstance } from '@duckdb/node-api'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ArchiveTopic } from '../../../../../processors/forensics/columns.js'
import { type ArchiveContent, ArchiveDatabase, type ArchiveFile, viewOf } from '../../../../../processors/forensics/sql/archive-database.js'
import { QueryRefusedError } from '../../../../../processors/forensics/sql/statement-guard.js'
import { isFullRun } from '../../../../support/runner/dose.js'

const LIMITS = { memoryBytes: 128 * 2 ** 20, threads: 1, timeoutMs: 20_000 }

describe('a query of the archive', function () {
  this.timeout(120_000)
  let folder: string
  let content: ArchiveContent
  const files = new Map<ArchiveTopic, readonly ArchiveFile[]>()

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-query-'))
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(viewOf('process', [], null))
    for (const part of [0, 1]) {
      const path = join(folder, `it's ${String(part)}.parquet`)
      await connection.run(
        `CREATE OR REPLACE TABLE t AS SELECT * EXCLUDE (time), NULL::BLOB AS value_process, NULL::BLOB AS value_rest FROM process`,
      )
      await connection.run(`INSERT INTO t (record_offset, timestamp_ms, wall_time_us, host_id, type, pid, process_name, "user")
        SELECT range, range, 1000000 * range, 'h', 'exec', range % 7, 'p' || (range % 3), 'root' FROM range(${String(part * 500)}, ${String(part * 500 + 500)})`)
      await connection.run(`COPY t TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`)
      files.set('process', [...(files.get('process') ?? []), { path, offsets: null }])
    }
    connection.closeSync()
    symlinkSync('/etc/passwd', join(folder, 'link.csv'))
    writeFileSync(join(folder, 'other.csv'), 'a,b\n1,2\n')
    content = { files, folders: [folder], times: null }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function rowsOf(sql: string, given: Partial<ArchiveContent> = {}, limits = LIMITS): Promise<unknown[]> {
    const database = await ArchiveDatabase.open(limits)
    try {
      await database.load({ ...content, ...given })
      const answer = await database.run(sql, (error) => assert.fail(error))
      const rows: unknown[] = []
      for await (const some of answer.rows) rows.push(...some)
      return rows
    } finally {
      database.close()
    }
  }

  it('reads all objects of a topic as one view, with whole numbers as numbers; a topic without objects has no rows', async () => {
    assert.deepEqual(await rowsOf('SELECT count(*), sum(record_offset), min(time)::VARCHAR, any_value("user") FROM process'), [
      [1000, 499500, '1970-01-01 00:00:00', 'root'],
    ])
    assert.deepEqual(await rowsOf('SELECT count(*) FROM network JOIN file USING (host_id)'), [[0]])
    assert.deepEqual(
      await rowsOf('WITH t AS (FROM main.process WHERE pid = 3) SELECT process_name, count(*) FROM t GROUP BY ALL ORDER BY ALL LIMIT 1'),
      [['p0', 48]],
    )
    assert.equal((await rowsOf('DESCRIBE process')).length > 20, true)
    assert.deepEqual(await rowsOf('WITH Few AS (FROM process LIMIT 3) SELECT count(*) FROM few'), [[3]])
  })

  it('knows which views a query reads, also where WITH gives their names to something else', async () => {
    const database = await ArchiveDatabase.open(LIMITS)
    const topicsOf = async (sql: string): Promise<readonly string[]> => await database.topicsOf(sql)
    assert.deepEqual(await topicsOf('WITH process AS (SELECT * FROM process WHERE pid = 3) SELECT * FROM process'), ['process'])
    assert.deepEqual(
      await topicsOf('WITH a AS (SELECT 1 AS x) SELECT x, (SELECT count(*) FROM main.FILE) FROM a WHERE EXISTS (FROM "network")'),
      ['file', 'network'],
    )
    assert.deepEqual(await topicsOf('SELECT 1'), [])
    database.close()
  })

  it('reads only the wanted times and offsets', async () => {
    assert.deepEqual(await rowsOf('SELECT count(*) FROM process', { times: [10_000_000, 20_000_000] }), [[10]])
    const [first, second] = files.get('process') ?? []
    assert.ok(first !== undefined && second !== undefined)
    const cut = new Map<ArchiveTopic, readonly ArchiveFile[]>([['process', [first, { ...second, offsets: [990, 2000] }]]])
    assert.deepEqual(await rowsOf('SELECT count(*) FROM process', { files: cut }), [[510]])
  })

  const REFUSED: readonly (readonly [sql: string, why: RegExp])[] = [
    ["SELECT * FROM read_csv('/etc/passwd')", /read_csv\(\) can't be used/],
    ["SELECT * FROM read_text('LINK')", /read_text\(\) can't be used/],
    ["SELECT * FROM parquet_scan('OWN')", /parquet_scan\(\) can't be used/],
    ["SELECT * FROM glob('/etc/*')", /glob\(\) can't be used/],
    ["SELECT (SELECT count(*) FROM sniff_csv('/etc/passwd'))", /sniff_csv\(\) can't be used/],
    ["FROM query('FROM read_text(''/etc/passwd'')')", /query\(\) can't be used/],
    ["FROM query_table('/etc/passwd')", /query_table\(\) can't be used/],
    ["SELECT * FROM '/etc/passwd'", /no table \/etc\/passwd/],
    ["SELECT * FROM 'LINK'", /no table/],
    ["SELECT * FROM 'OTHER'", /no table/],
    ["DESCRIBE SELECT * FROM read_text('/etc/passwd')", /read_text\(\) can't be used/],
    ['WITH "/etc/passwd" AS (SELECT 1) SELECT 1', /letters, digits/],
    ['SELECT * FROM (WITH duckdb_views AS (SELECT 1) FROM duckdb_views) a, duckdb_views', /choose another name/],
    ['SELECT * FROM duckdb_settings()', /duckdb_settings\(\) can't be used/],
    ['SELECT * FROM information_schema.tables', /no table information_schema\.tables/],
    ["SELECT current_setting('temp_directory')", /current_setting\(\) can't be used/],
    ["ATTACH '/tmp/x.db'", /only SELECT/],
    ["ATTACH 'http://127.0.0.1:1/x.db'", /only SELECT/],
    ["COPY process TO '/tmp/x.csv'", /only SELECT/],
    ["COPY process TO 'OWN'", /only SELECT/],
    ["EXPORT DATABASE '/tmp/x'", /only SELECT/],
    ['INSTALL httpfs', /only SELECT/],
    ["LOAD '/tmp/x.duckdb_extension'", /only SELECT/],
    ['PRAGMA version', /only SELECT/],
    ['CALL pragma_version()', /only SELECT/],
    ["SET memory_limit = '10GB'", /only SELECT/],
    ['CREATE TABLE x AS SELECT 1', /only SELECT/],
    ['DELETE FROM process', /only SELECT/],
    ['EXPLAIN ANALYZE SELECT 1', /only SELECT/],
    ['SELECT 1; DROP VIEW process', /only SELECT|one statement/],
    ['SELECT 1; SELECT 2', /one statement/],
    ['', /./],
    ['SELECT FROM WHERE', /syntax error/],
    ['SELECT * FROM proces', /did you mean process\?/],
    ['SELECT pidd FROM process', /pidd/],
    ["SELECT * FROM read_parquet('http://127.0.0.1:1/x')", /can't be used/],
  ]
  for (const [sql, why] of REFUSED) {
    it(`refuses: ${sql === '' ? 'nothing' : sql}`, async () => {
      const real = sql
        .replace('LINK', join(folder, 'link.csv'))
        .replace('OTHER', join(folder, 'other.csv'))
        .replace('OWN', join(folder, 'own.parquet'))
      await assert.rejects(rowsOf(real), (error: unknown) => error instanceof QueryRefusedError && why.test(error.message))
    })
  }

  it('is locked below the check of statements too: the engine opens no file outside of the folders, nor a link in them', async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(`SET allowed_directories = ['${folder}/']`)
    await connection.run('SET enable_external_access = false')
    for (const path of ['/etc/passwd', join(folder, 'link.csv'), `${folder}/../../etc/passwd`, `file://${folder}/../etc/passwd`])
      await assert.rejects(connection.run(`SELECT * FROM read_text('${path}')`), path)
    connection.closeSync()
  })

  it('ends at the bounds of time and memory', async () => {
    const endless = 'SELECT count(*) FROM process a, process b, process c, process d WHERE a.pid + b.pid + c.pid = d.pid + random()'
    await assert.rejects(rowsOf(endless, {}, { ...LIMITS, timeoutMs: 200 }), /takes longer than 0\.2 s/)
    await assert.rejects(rowsOf('SELECT list(a.process_name || b.process_name || c.pid) FROM process a, process b, process c'), /[Mm]emory/)
  })

  // Ten seconds of one call, half a minute on a busy machine.
  if (isFullRun())
    it('reports a call that an interrupt does not end', async () => {
      const database = await ArchiveDatabase.open({ ...LIMITS, timeoutMs: 100 })
      const reports: QueryRefusedError[] = []
      const sql = "SELECT max(levenshtein(repeat('a', 20000), repeat('b', 20000 + x::INTEGER))) FROM range(8) t(x)"
      const answer = await database.run(sql, (error) => reports.push(error)).catch(() => null)
      await (async () => {
        for await (const rows of answer?.rows ?? []) assert.ok(rows.length >= 0)
      })().catch(() => undefined)
      database.close()
      assert.match(reports[0]?.message ?? '', /takes longer than 0\.1 s/)
    })

  it('reports memory that the engine does not count while it is taken', async () => {
    const database = await ArchiveDatabase.open({ ...LIMITS, memoryBytes: 2 ** 20 })
    const reports: QueryRefusedError[] = []
    const answer = await database.run("SELECT length(repeat('x', 320000000))", (error) => reports.push(error)).catch(() => null)
    for await (const rows of answer?.rows ?? []) assert.ok(rows.length >= 0)
    database.close()
    assert.match(reports[0]?.message ?? '', /needs more than 1 MiB of memory/)
  })
})
