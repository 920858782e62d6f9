// CRC32C (Castagnoli), by the processor's own instruction where it has one: of record batches, and of the blocks of the spool.
export { crc32c } from '@node-rs/crc32'
