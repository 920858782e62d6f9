// What is counted of the archive.
import type { Counter, Metrics } from '../../../infra/process/metrics.js'

export interface ArchiveMetrics {
  readonly objects: (topic: string) => Counter
  readonly records: (topic: string) => Counter
  readonly bytes: (topic: string) => Counter
  /** Attempts to store an object, or to enter it. */
  readonly failures: (step: 'stored' | 'entered') => Counter
  /** Objects that were cut early, because all of them together reached the bound of memory. */
  readonly early: Counter
}

/** @param held bytes of objects in memory */
export function archiveMetrics(metrics: Metrics, held: () => number): ArchiveMetrics {
  const objects = metrics.counter('eunomia_archive_objects_total', 'Objects that are part of the archive', 'topic')
  const records = metrics.counter('eunomia_archive_records_total', 'Records in these objects', 'topic')
  const bytes = metrics.counter('eunomia_archive_bytes_total', 'Bytes of these objects', 'topic')
  const failures = metrics.counter('eunomia_archive_failures_total', 'Failed attempts to store an object or its entry', 'step')
  const early = metrics.counter('eunomia_archive_early_cuts_total', 'Objects cut early, at the bound of archive.memoryBytes')
  metrics.sampledGauge('eunomia_archive_held_bytes', 'Bytes of objects in memory', held)
  return {
    objects: (topic) => objects.with(topic),
    records: (topic) => records.with(topic),
    bytes: (topic) => bytes.with(topic),
    failures: (step) => failures.with(step),
    early: early.with(),
  }
}
