// Settings of environment variables and of the redaction of secrets, a part of config-schema.ts.
import { Type } from 'typebox'

const optional = (description: string, more: object = {}) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Null()], { default: null, description, ...more })

/** Settings `collector.environment.*`. */
export const ENVIRONMENT_SETTINGS = Type.Object(
  {
    names: Type.Array(Type.String({ pattern: '^(?:[A-Za-z0-9_.-]{1,63}|[A-Za-z0-9_.-]{0,62}\\*)$' }), {
      default: [],
      maxItems: 64,
      description:
        'Environment variables in exec events, each a name (LD_PRELOAD) or a prefix with * (LD_*). Empty: the environment is not read. A variable that matches only a prefix has no value if its name contains KEY, AUTH, TOKEN, PASSW, PASSPHR, SECRET or CREDENT; to report the value, list the full name and switch redaction off. Other variables never leave the kernel.',
    }),
  },
  { description: 'Environment variables of programs.' },
)

/** Settings `collector.redaction.*`. */
export const REDACTION_SETTINGS = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description:
        'Replace secrets in arguments, environment variables and mount options with [redacted], before events leave the collector: passwords, tokens and keys in the forms that docs/operations.md lists, and those of expressions.',
    }),
    expressions: Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
      default: [],
      maxItems: 32,
      description:
        'Further secrets as expressions of RE2. Its groups are replaced, or the whole match if it has none. It sees all arguments of a process, each followed by \\x00. Each costs a search in every exec.',
    }),
    key: optional(
      'Key of the fleet, at least 16 bytes. Markers then have a hash of the secret, so that equal secrets can be found: [redacted:HASH].',
      {
        secret: true,
      },
    ),
    keyFile: optional('File with the key, without surrounding white space; used instead of key.'),
  },
  { description: 'Redaction of secrets.' },
)
