// Settings of the archive, a part of config-schema.ts.
import { Type } from 'typebox'

const MIB = 1024 * 1024

const optionalText = (description: string, more: object = {}) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description, ...more })

/** Settings `archive.*`. */
export const ARCHIVE_SETTINGS = Type.Object(
  {
    url: optionalText(
      'Where the objects of the archive are: a folder (/var/lib/eunomia/archive), or s3://BUCKET/PREFIX. Unset: there is no archive.',
      { pattern: '^(/|\\./|\\.\\./|s3://[a-z0-9][a-z0-9.-]{1,62}(/|$))' },
    ),
    endpoint: optionalText('Address of an S3-compatible service that is not AWS, as https://s3.example:9000.', {
      pattern: '^https?://[^\\s]+$',
    }),
    region: Type.String({ default: 'us-east-1', pattern: '^[a-z0-9-]{1,60}$', description: 'Region of the bucket.' }),
    pathStyle: Type.Boolean({ default: false, description: 'The bucket is in the path of an address, not in the name of the host.' }),
    accessKeyIdFile: optionalText('File with the id of the access key. Unset: where programs of AWS look (AWS_ACCESS_KEY_ID, roles ...).'),
    secretAccessKeyFile: optionalText('File with the secret of the access key.'),
    caFile: optionalText('PEM file of the authorities that sign the certificate of the service. Unset: those that Node knows.'),
    objectBytes: Type.Integer({
      default: 64 * MIB,
      minimum: MIB,
      maximum: 1024 * MIB,
      unit: 'bytes',
      description: 'Size at which an object ends. Larger objects mean fewer of them, and more that is archived again after a restart.',
    }),
    objectMinutes: Type.Integer({
      default: 5,
      minimum: 1,
      maximum: 1440,
      unit: 'minutes',
      description: 'Age at which an object ends, however small. What is younger is read again after a restart.',
    }),
    memoryBytes: Type.Integer({
      default: 512 * MIB,
      minimum: 32 * MIB,
      maximum: 65_536 * MIB,
      unit: 'bytes',
      description:
        'Bytes of all objects that an instance has in memory. At the bound the oldest one ends early (eunomia_archive_early_cuts_total), and reading waits.',
    }),
    retentionDays: Type.Array(Type.String({ pattern: '^(\\*|[a-z]+)=([1-9]\\d{0,4})$' }), {
      default: [],
      description:
        'How long `eunomia archive clean` keeps objects, by topic: `process=30`, or `*=365` for all others. Without an entry, a topic is kept for ever.',
    }),
  },
  { description: 'The archive of topics: `eunomia process archive`, `eunomia archive`.' },
)
