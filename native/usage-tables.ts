// The tables of one usage program, types only: native/open-usage-tables.ts makes them. Knows spans of bytes (bpf/usage/usage.h), not what they mean.

/** The programs that count, each with tables of its own: bpf/usage/NAME.bpf.c. */
export type UsageProgram = 'syscalls' | 'capabilities' | 'files' | 'tcp'

/** What an interval gave. */
export interface UsageReading {
  /** Key and value of each entry, one behind the other, by table. */
  readonly tables: Readonly<Record<string, Buffer>>
  /** What found no room in a table, since the program runs; what each number means, the program says. */
  readonly overflow: readonly number[]
  /** Runs of the program that were left out since it ran already on that CPU. */
  readonly recursionMisses: number
}

/** A loaded program that counts while it is attached. `close` is safe at any time, and twice. */
export interface UsageTables {
  /** Runs from here on, and costs. Takes no capability. Safe twice. @throws Error with `errno` */
  attach(): void
  /** Runs no more; what was counted is kept for the next `turn`. */
  detach(): void
  /** Ends an interval and gives what it counted; nothing is lost between two. One at a time. @throws Error with `errno` */
  turn(): Promise<UsageReading>
  /** Removes an entry from a table that is never emptied. */
  forget(table: string, key: Uint8Array): void
  /** Unloads it. */
  close(): void
}
