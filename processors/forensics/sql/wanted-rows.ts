// Which rows of an object of the archive a hunt wants: the database looks at the columns alone, with their statistics and bloom filters. One thread, so that
// a machine runs as many hunts as it has cores.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

const MEMORY_MIB = 96

/** An engine for one worker. */
export class WantedRows {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
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
    return new WantedRows(instance, await instance.connect())
  }

  /**
   * Numbers of the rows for which the condition is true, in order.
   * @param where SQL over the columns; made by us, never by a user
   * @throws Error for a file that is no Parquet, or has other columns
   */
  async of(path: string, where: string): Promise<Float64Array> {
    const file = `'${path.replaceAll("'", "''")}'`
    const sql = `SELECT file_row_number::DOUBLE FROM read_parquet(${file}, file_row_number = true) WHERE ${where}`
    const result = await this.#connection.stream(sql)
    const parts: Float64Array[] = []
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      parts.push(Float64Array.from(chunk.getColumnValues(0) as number[]))
    }
    const rows = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) {
      rows.set(part, at)
      at += part.length
    }
    return rows
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}
