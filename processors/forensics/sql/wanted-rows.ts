// Which rows of an object of the archive a hunt wants: the database looks at the columns alone, with their statistics and bloom filters. One thread, so that
// a machine runs as many hunts as it has cores. The engine sees one folder of its own, in which it finds the bytes that were checked, and nothing else.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const MEMORY_MIB = 96

/** An engine for one worker. */
export class WantedRows {
  readonly #instance: DuckDBInstance
  readonly #folder: string
  #calls = 0

  private constructor(instance: DuckDBInstance, folder: string) {
    this.#instance = instance
    this.#folder = folder
  }

  static async open(): Promise<WantedRows> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: `${String(MEMORY_MIB)}MiB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      temp_directory: '',
      preserve_insertion_order: 'true',
    })
    const connection = await instance.connect()
    const folder = await mkdtemp(join(tmpdir(), 'eunomia-columns-'))
    await connection.run(`SET allowed_directories = [${quoted(`${folder}/`)}]`)
    await connection.run('SET enable_external_access = false')
    await connection.run('SET lock_configuration = true')
    connection.closeSync()
    return new WantedRows(instance, folder)
  }

  /**
   * Numbers of the rows for which the condition is true, in order.
   * @param content an object, whose bytes were compared with its entry
   * @param where SQL over the columns, made here from rules
   * @throws Error for bytes that are no Parquet, or have other columns
   */
  async of(content: Uint8Array, where: string): Promise<Float64Array> {
    const path = join(this.#folder, `${String(++this.#calls)}.parquet`)
    await writeFile(path, content, { mode: 0o600 })
    // A connection has one stream of rows at a time.
    const connection = await this.#instance.connect()
    try {
      const statements = await connection.extractStatements(
        `SELECT file_row_number::DOUBLE FROM read_parquet(${quoted(path)}, file_row_number = true) WHERE ${where}`,
      )
      if (statements.count !== 1) throw new RangeError('a condition that is more than one statement')
      const statement = await statements.prepare(0)
      const result = await statement.stream()
      const parts: Float64Array[] = []
      for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        parts.push(Float64Array.from(chunk.getColumnValues(0) as number[]))
      }
      statement.destroySync()
      return joined(parts)
    } finally {
      connection.closeSync()
      await rm(path, { force: true })
    }
  }

  async close(): Promise<void> {
    this.#instance.closeSync()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const rows = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    rows.set(part, at)
    at += part.length
  }
  return rows
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
