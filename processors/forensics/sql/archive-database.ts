// DuckDB over objects of the archive: a view for each topic, and bounds of memory, threads and time. Once it is open, nothing can be written, attached,
// installed or set, and no other file can be read.
import { DuckDBInstance, JsonDuckDBValueConverter, type DuckDBConnection, type DuckDBValueConverter, type Json } from '@duckdb/node-api'
import { messageOf } from '../../../infra/process/errors.js'
import { pause } from '../../../infra/waiting/clock.js'
import { ARCHIVE_COLUMNS, ARCHIVE_TOPICS, ROW_COLUMNS, type ArchiveTopic } from '../columns.js'
import { checkStatement, QueryRefusedError } from './statement-guard.js'

/** Bounds of a query. */
export interface QueryLimits {
  readonly memoryBytes: number
  readonly threads: number
  readonly timeoutMs: number
}

/** A file with records of a topic, and which of its offsets [from, to) are read; null for all. */
export interface ArchiveFile {
  readonly path: string
  readonly offsets: readonly [from: number, to: number] | null
}

/** What the views show. */
export interface ArchiveContent {
  readonly files: ReadonlyMap<ArchiveTopic, readonly ArchiveFile[]>
  /** Folders that hold them. */
  readonly folders: readonly string[]
  /** Only events of these times, Unix microseconds [from, to); those whose time is not known too. null for all. */
  readonly times: readonly [fromUs: number, toUs: number] | null
}

/** The answer, row by row. Whole numbers below 2^53 are numbers, other exact ones texts of digits; bytes are escaped text. */
export interface QueryAnswer {
  readonly columns: readonly string[]
  readonly rows: AsyncIterable<readonly (readonly Json[])[]>
}

/** Memory of the process beyond the bound at which a query ends: what the engine does not count, such as one long text. */
const UNCOUNTED_BYTES = 256 * 2 ** 20
const LOOK_MS = 25
/** An engine that is interrupted ends within this time. */
const INTERRUPT_MS = 3_000

/** An engine for one query. */
export class ArchiveDatabase {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #limits: QueryLimits

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, limits: QueryLimits) {
    this.#instance = instance
    this.#connection = connection
    this.#limits = limits
  }

  /** Starts the engine, without any file. */
  static async open(limits: QueryLimits): Promise<ArchiveDatabase> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(limits.threads),
      memory_limit: `${String(Math.ceil(limits.memoryBytes / 2 ** 20))}MiB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      temp_directory: '',
      preserve_insertion_order: 'true',
    })
    return new ArchiveDatabase(instance, await instance.connect(), limits)
  }

  /** The topics that a query reads. @throws QueryRefusedError for anything but one SELECT over the views */
  async topicsOf(sql: string): Promise<readonly ArchiveTopic[]> {
    const reader = await this.#connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql])
    const used = checkStatement(String(reader.getRowsJson()[0]?.[0]), ARCHIVE_TOPICS)
    return ARCHIVE_TOPICS.filter((topic) => used.has(topic))
  }

  /** Makes the views and locks the engine. */
  async load({ files, folders, times }: ArchiveContent): Promise<void> {
    await this.#connection.run(`SET allowed_directories = [${folders.map((folder) => quoted(`${folder}/`)).join(', ')}]`)
    await this.#connection.run('SET enable_external_access = false')
    for (const topic of ARCHIVE_TOPICS) await this.#connection.run(viewOf(topic, files.get(topic) ?? [], times))
    await this.#connection.run('SET lock_configuration = true')
  }

  /**
   * Runs a query.
   * @param onRunaway the query takes memory or time that can't be bounded from inside: the process should end at once
   * @throws QueryRefusedError for a mistake in it, and when it passes a bound, also while rows are read
   */
  async run(sql: string, onRunaway: (error: QueryRefusedError) => void): Promise<QueryAnswer> {
    await this.topicsOf(sql)
    const bound = this.#watch(onRunaway)
    try {
      const result = await this.#connection.stream(sql)
      const chunks = result.yieldConvertedRows<Json>(jsonOf)
      return { columns: result.deduplicatedColumnNames(), rows: this.#rows(chunks, bound) }
    } catch (error) {
      throw bound.failure(error)
    }
  }

  async *#rows(chunks: AsyncIterable<(Json | null)[][]>, bound: Bound): AsyncGenerator<readonly (readonly Json[])[]> {
    try {
      for await (const rows of chunks) yield rows
    } catch (error) {
      throw bound.failure(error)
    } finally {
      bound.end()
    }
  }

  /** Ends the query at the bounds of time and memory. */
  #watch(onRunaway: (error: QueryRefusedError) => void): Bound {
    const { timeoutMs, memoryBytes } = this.#limits
    const end = new AbortController()
    const most = process.memoryUsage.rss() + memoryBytes + UNCOUNTED_BYTES
    const deadline = performance.now() + timeoutMs
    let reason: string | null = null
    const look = async (): Promise<void> => {
      while (!end.signal.aborted) {
        await pause(LOOK_MS, end.signal)
        if (process.memoryUsage.rss() > most) {
          reason = `the query needs more than ${String(Math.ceil(memoryBytes / 2 ** 20))} MiB of memory (query.memoryBytes)`
          this.#connection.interrupt()
          return void onRunaway(new QueryRefusedError(reason))
        }
        if (performance.now() < deadline) continue
        reason = `the query takes longer than ${String(timeoutMs / 1000)} s (query.timeoutMs)`
        this.#connection.interrupt()
        // One call of a function is not interrupted.
        if (performance.now() > deadline + INTERRUPT_MS) return void onRunaway(new QueryRefusedError(reason))
      }
    }
    void look()
    return {
      end: () => end.abort(),
      failure: (error) => {
        end.abort()
        return new QueryRefusedError(reason ?? messageOf(error).split('\n\nLINE')[0] ?? '', { cause: error })
      },
    }
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

interface Bound {
  end(): void
  failure(error: unknown): QueryRefusedError
}

/** Whole numbers that JSON holds exactly are numbers. */
const jsonOf: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value)
  return JsonDuckDBValueConverter(value, type, converter)
}

/** Columns of a view that are not in objects: the value in one piece, and the time. */
const VALUE = 'coalesce("value" || value_process || value_rest, "value") AS "value"'
const PARTS: ReadonlySet<string> = new Set(['value', 'value_process', 'value_rest'])

/** The view of a topic; one without files has no rows. */
export function viewOf(topic: ArchiveTopic, files: readonly ArchiveFile[], times: ArchiveContent['times']): string {
  const typed = ARCHIVE_COLUMNS[topic]
  const columns = [...Object.entries(ROW_COLUMNS).map(([name, type]) => ({ name, type })), ...typed]
  const names = columns.map(({ name }) => `"${name}"`)
  const shown = columns.filter(({ name }) => !PARTS.has(name)).map(({ name }) => `"${name}"`)
  const whole = files.filter(({ offsets }) => offsets === null)
  const sources = [
    ...(whole.length === 0 ? [] : [sourceOf(whole, '')]),
    ...files.flatMap((file) =>
      file.offsets === null
        ? []
        : [sourceOf([file], ` WHERE record_offset >= ${String(file.offsets[0])} AND record_offset < ${String(file.offsets[1])}`)],
    ),
  ]
  const nothing = `SELECT ${columns.map(({ name, type }) => `NULL::${type} AS "${name}"`).join(', ')} WHERE false`
  const from = sources.length === 0 ? nothing : sources.map((source) => `SELECT ${names.join(', ')} FROM ${source}`).join(' UNION ALL ')
  const isIn =
    times === null ? '' : ` WHERE wall_time_us IS NULL OR (wall_time_us >= ${String(times[0])} AND wall_time_us < ${String(times[1])})`
  return `CREATE VIEW "${topic}" AS SELECT ${[...shown, VALUE, 'make_timestamp(wall_time_us) AS "time"'].join(', ')} FROM (${from})${isIn}`
}

function sourceOf(files: readonly ArchiveFile[], where: string): string {
  return `read_parquet([${files.map(({ path }) => quoted(path)).join(', ')}], union_by_name = true)${where}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
