// Objects in an S3-compatible bucket. An upload that fails leaves no object; its caller tries again.
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { EunomiaError, messageOf } from '../../../infra/process/errors.js'
import { type BucketPlace, s3ClientOf } from '../../delivery/http/s3-client.js'
import { checkObjectName, ObjectMissingError, type ObjectStore, type StoredObject } from './object-store.js'

/** The bucket can't be read or written now. */
export class ArchiveBucketError extends EunomiaError {
  static override readonly code = 'EUNOMIA_ARCHIVE_STORE'
  static override readonly isRetryable = true
}

/** Which bucket. */
export interface ArchiveBucket extends BucketPlace {
  readonly bucket: string
  /** What the names of all objects begin with in the bucket; empty, or with a slash at its end. */
  readonly prefix: string
  /** Objects of one answer of a list; default that of the service, 1,000. */
  readonly listed?: number
}

export class BucketStore implements ObjectStore {
  readonly description: string
  readonly #bucket: string
  readonly #prefix: string
  readonly #client: S3Client
  readonly #listed: number | undefined

  /** @throws UsageError for keys that can't be read */
  constructor(place: ArchiveBucket) {
    this.#bucket = place.bucket
    this.#prefix = place.prefix
    this.#listed = place.listed
    this.#client = s3ClientOf(place)
    this.description = `the bucket s3://${place.bucket}/${place.prefix}`
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    const Key = this.#keyOf(name)
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key, Body: content, ContentType: 'application/vnd.apache.parquet' })
    await this.#orUnavailable(() => this.#client.send(command))
  }

  async get(name: string, signal?: AbortSignal): Promise<Uint8Array> {
    const Key = this.#keyOf(name)
    return await this.#orUnavailable(async () => {
      const command = new GetObjectCommand({ Bucket: this.#bucket, Key })
      const { Body } = await this.#client.send(command, signal === undefined ? {} : { abortSignal: signal })
      return (await Body?.transformToByteArray()) ?? new Uint8Array(0)
    }, name)
  }

  async remove(name: string): Promise<void> {
    const Key = this.#keyOf(name)
    await this.#orUnavailable(() => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key })))
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    let ContinuationToken: string | undefined
    do {
      const token = ContinuationToken
      const command = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: `${this.#prefix}${prefix}`,
        ...(token === undefined ? {} : { ContinuationToken: token }),
        ...(this.#listed === undefined ? {} : { MaxKeys: this.#listed }),
      })
      const page = await this.#orUnavailable(() => this.#client.send(command))
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        yield { name: Key.slice(this.#prefix.length), bytes: Size, modifiedMs: LastModified?.getTime() ?? 0 }
      }
      ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (ContinuationToken !== undefined)
  }

  fileOf(name: string): null {
    checkObjectName(name)
    return null
  }

  close(): Promise<void> {
    this.#client.destroy()
    return Promise.resolve()
  }

  #keyOf(name: string): string {
    checkObjectName(name)
    return `${this.#prefix}${name}`
  }

  async #orUnavailable<Value>(work: () => Promise<Value>, name?: string): Promise<Value> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof EunomiaError || (error as Error).name === 'AbortError') throw error
      if (name !== undefined && error instanceof S3ServiceException && error.name === 'NoSuchKey')
        throw new ObjectMissingError(`there is no object ${name}`)
      throw new ArchiveBucketError(`${this.description} can't be used: ${messageOf(error)}`, { cause: error })
    }
  }
}
