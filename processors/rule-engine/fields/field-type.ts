// Field types under Falco's names, and how the engine represents values of each type. Operators are decided in compile/operator-legality.ts.

/** How a value is compared. The names are Falco's, and are shown in messages. */
export type FieldType =
  | 'CHARBUF'
  | 'FSPATH'
  | 'FSRELPATH'
  | 'BYTEBUF'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'ERRNO'
  | 'FD'
  | 'PID'
  | 'UID'
  | 'GID'
  | 'PORT'
  | 'FLAGS8'
  | 'FLAGS16'
  | 'FLAGS32'
  | 'MODE'
  | 'SIGTYPE'
  | 'RELTIME'
  | 'ABSTIME'
  | 'DOUBLE'
  | 'BOOL'
  | 'IPADDR'
  | 'IPNET'
  | 'SOCKADDR'
  | 'SOCKTUPLE'

/** Which operators a type takes and how its values are held (see {@link FieldValue}). */
export type TypeFamily = 'text' | 'bytes' | 'number' | 'bool' | 'address' | 'network'

const FAMILIES: Readonly<Partial<Record<FieldType, TypeFamily>>> = {
  CHARBUF: 'text',
  FSPATH: 'text',
  FSRELPATH: 'text',
  BYTEBUF: 'bytes',
  BOOL: 'bool',
  IPADDR: 'address',
  IPNET: 'network',
  SOCKADDR: 'text',
  SOCKTUPLE: 'text',
}

export function familyOf(type: FieldType): TypeFamily {
  return FAMILIES[type] ?? 'number'
}

/** Bits and sign of the integer types; none for DOUBLE. */
export const INTEGER_RANGES: Readonly<Partial<Record<FieldType, { readonly bits: number; readonly isSigned: boolean }>>> = {
  INT8: { bits: 8, isSigned: true },
  INT16: { bits: 16, isSigned: true },
  INT32: { bits: 32, isSigned: true },
  INT64: { bits: 64, isSigned: true },
  ERRNO: { bits: 64, isSigned: true },
  FD: { bits: 64, isSigned: true },
  PID: { bits: 64, isSigned: true },
  UINT8: { bits: 8, isSigned: false },
  UINT16: { bits: 16, isSigned: false },
  UINT32: { bits: 32, isSigned: false },
  UINT64: { bits: 64, isSigned: false },
  UID: { bits: 32, isSigned: false },
  GID: { bits: 32, isSigned: false },
  FLAGS8: { bits: 8, isSigned: false },
  FLAGS16: { bits: 16, isSigned: false },
  FLAGS32: { bits: 32, isSigned: false },
  MODE: { bits: 32, isSigned: false },
  SIGTYPE: { bits: 8, isSigned: false },
  PORT: { bits: 16, isSigned: false },
  RELTIME: { bits: 64, isSigned: false },
  ABSTIME: { bits: 64, isSigned: false },
}
