// The forms of secrets in command lines, environments and mount options that are replaced by default. Each expression is RE2 and sees the whole
// text: arguments end with NUL, and a text that ends without one was cut (`\z`), so a secret that the cut split is still found. The groups
// of an expression are what is replaced; names of options and variables stay, because rules look for them. Documented in docs/operations.md.

/** One form. */
export interface SecretPattern {
  /** In counters: `redaction.matched.NAME`. */
  readonly name: string
  /** Three characters each, of which every match has one, in any case. A text with none is not searched. */
  readonly hints: readonly string[]
  readonly expression: string
}

/** A name that ends so holds a secret. */
const WORDS =
  '(?:password|passwd|passphrase|passcode|pwd|secret|token|credentials?|(?:api|access|secret|private|account|auth|signing|encryption)[_-]?key)'
const NAME = `(?:[\\w.-]*${WORDS}|(?:[\\w.-]*[_.-])?(?:db|user|store|key)?pass)`
/** As an option: with one dash the whole name, as what follows the dash may be a value itself (-psecret). */
const DASHED = `(?:--${NAME}|-(?:${WORDS}|(?:store|key)?pass))`
const NAME_HINTS = ['pas', 'pwd', 'ecr', 'tok', 'red', 'key']
/** A value within a text ends where a shell ends a word, so that no command is hidden. */
const BARE = '[^\\s\\x00"\'`$();|&<>\\\\=-][^\\s\\x00"\'`$();|&<>\\\\]*'
const QUOTED = `\\\\?'([^'\\s\\x00\\\\]+)|\\\\?"((?:[^"\\s\\x00$\`\\\\]|\\$[^("\\s\\x00]|\\\\[^"\\s\\x00])+)`
const VALUE = `(?:${QUOTED}|(${BARE}))`
/** The rest of a simple command up to an option. */
const OPTIONS = '[\\x00\\s](?:[^;|&]*?[\\x00\\s])??'
const START = '(?:^|[\\x00\\s/;|&("\'`])'

/** An option of a program whose value is a secret only there. */
const option = (programs: string, flag: string, value = '[^\\x00\\s"\']+'): string =>
  `${START}(?:${programs})${OPTIONS}${flag}["']?(${value})`
/** A token with a prefix of its own, of at least `least` characters after it; shorter only where the text was cut. */
const token = (prefix: string, characters: string, least: number): string =>
  `(?:^|[^A-Za-z0-9_])(${prefix}(?:${characters}{${String(least)},}|${characters}*\\z))`

/** In the order of the docs. At most 31: each has a bit. */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  { name: 'option', hints: NAME_HINTS, expression: `(?i)(?:^|\\x00)${DASHED}(?:=([^\\x00]+)|\\x00([^\\x00-][^\\x00]*))` },
  { name: 'assignment', hints: NAME_HINTS, expression: `(?i)(?:^|\\x00)${NAME}=([^\\s\\x00]+)` },
  {
    name: 'name',
    hints: NAME_HINTS,
    expression: `(?i)(?:^|[^\\w.-])(?:${NAME}(?:\\\\?["'])?(?:\\s?=\\s?|\\s?:\\s|:[\\\\"'])\\s?|${DASHED}\\s)${VALUE}`,
  },
  { name: 'query', hints: ['ig=', 'ure', 'key'], expression: `(?i)[?&](?:sig|(?:x-amz-)?signature|key)=([^\\s\\x00"'&#]+)` },
  {
    name: 'authorization',
    hints: ['uth', 'bea'],
    expression: `(?i)(?:authorization\\\\?["']?\\s*[:=]\\s*\\\\?["']?(?:[a-z0-9-]+\\s+)?([^\\s\\x00"'\\\\]+)|bearer\\s+([\\w.~+/=-]+))`,
  },
  { name: 'url', hints: ['://'], expression: `(?i)[a-z][a-z0-9+.-]*://(?:[^\\s\\x00/:@"']*:([^\\s\\x00/@"']+)|([\\w~-]{20,}))(?:@|\\z)` },
  {
    name: 'curl',
    hints: ['cur'],
    expression: `${START}curl${OPTIONS}(?:-[a-zA-Z]*[uU]|--(?:proxy-)?user)(?:\\x00[^\\x00:]+:([^\\x00]+)|[\\s=]*["']?[^\\x00\\s:"']+:([^\\x00\\s"']+))`,
  },
  {
    name: 'sshpass',
    hints: ['shp'],
    expression: `${START}sshpass(?:[\\x00\\s]+-[^\\x00\\s]+)*?[\\x00\\s]+-p(?:\\x00([^\\x00]+)|\\s*["']?([^\\x00\\s"']+))`,
  },
  { name: 'mysql', hints: ['mys', 'ria', 'myc'], expression: option('mysql[\\w-]*|mariadb[\\w-]*|mycli', '-p') },
  {
    name: 'login',
    hints: ['ogi'],
    expression: option(`(?:docker|podman|nerdctl|buildah|skopeo|oras|crane|helm|oc|az|ibmcloud)${OPTIONS}(?:login)`, '-p[\\x00\\s=]?'),
  },
  { name: 'mongo', hints: ['mon'], expression: option('mongo\\w*', '-p[\\x00\\s]+', '[^\\x00\\s"\'-][^\\x00\\s"\']*') },
  { name: 'redis', hints: ['s-c'], expression: option('redis-cli', '-a[\\x00\\s]+') },
  { name: 'ldap', hints: ['dap'], expression: option('ldap\\w+', '-w[\\x00\\s]*') },
  { name: 'smb', hints: ['smb', 'rpc', 'win'], expression: option('smb\\w+|rpcclient|winexe', '(?:-U|--user=?)[\\x00\\s]*[^\\x00\\s%]+%') },
  { name: 'archive', hints: ['zip'], expression: option('(?:un)?zip', '-P[\\x00\\s]*') },
  { name: '7z', hints: ['7z\0', '7za', '7zr', '7z '], expression: option('7z[ar]?', '-p') },
  { name: 'ipmitool', hints: ['ipm'], expression: option('ipmitool', '-P[\\x00\\s]+') },
  { name: 'sqlcmd', hints: ['sql'], expression: option('sqlcmd', '-P[\\x00\\s]*') },
  { name: 'useradd', hints: ['era', 'erm'], expression: option('user(?:add|mod)', '-p[\\x00\\s]+') },
  { name: 'openssl', hints: ['ass'], expression: `(?:^|[\\x00\\s])pass:([^\\x00\\s"']+)` },
  {
    name: 'stdin',
    hints: ['ass', 'udo', 'kin', 'ryp'],
    expression: `(?:echo|printf)\\s+(?:-[neE]+\\s+)*["']?([^|;&\\x00"'\`$]{1,256}?)["']?\\s*\\|\\s*(?:sudo\\s+(?:-\\w+\\s+)*)?(?:/\\S*/)?(?:chpasswd|passwd|sudo\\s+-S|kinit|cryptsetup|[^|;&\\x00]*--password-stdin)`,
  },
  { name: 'aws', hints: ['aki', 'asi', 'abi', 'acc'], expression: token('(?:AKIA|ASIA|ABIA|ACCA)', '[A-Z0-9]', 16) },
  { name: 'github', hints: ['hp_', 'ho_', 'hu_', 'hs_', 'hr_', 'ub_'], expression: token('(?:gh[pousr]_|github_pat_)', '\\w', 20) },
  { name: 'gitlab', hints: ['glp', 'gld', 'glr'], expression: token('gl(?:pat|dt|rt)-', '[\\w.-]', 16) },
  {
    name: 'slack',
    hints: ['xox', 'xap', 'ces'],
    expression: `${token('(?:xox[a-z]|xapp)-', '[\\w-]', 10)}|hooks\\.slack\\.com/services/([\\w/]+)`,
  },
  { name: 'stripe', hints: ['_li', '_te', 'whs'], expression: token('(?:[sr]k_(?:live|test)_|whsec_)', '\\w', 10) },
  { name: 'google', hints: ['aiz', 'a29'], expression: token('(?:AIza|ya29\\.)', '[\\w-]', 20) },
  {
    name: 'jwt',
    hints: ['eyj'],
    expression: '(?:^|[^A-Za-z0-9_-])(eyJ[\\w-]{6,}(?:\\.[\\w-]{4,}(?:\\.[\\w-]*|\\z)|\\z)|eyJ[\\w-]*\\z)',
  },
  {
    name: 'service',
    hints: ['sk-', 'npm', 'pyp', 'hvs', 'op_'],
    expression: token('(?:sk-(?:proj-|ant-)?|npm_|pypi-|hvs\\.|do[por]_v1_)', '[\\w-]', 20),
  },
  {
    name: 'private-key',
    hints: ['iva'],
    expression:
      '-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----((?:(?:\\s|\\\\[nr])+[A-Za-z-]+: [A-Za-z0-9,-]+)*(?:(?:\\s|\\\\[nr])*[A-Za-z0-9+/=]{16,})+(?:(?:\\s|\\\\[nr])*[A-Za-z0-9+/=]+)?|[^-\\x00]*\\z)',
  },
]

/** Of the environment alone, whatever the name of the variable contains. @see bpf/process/environment.bpf.h */
export const ENVIRONMENT_PATTERN: SecretPattern = {
  name: 'environment',
  hints: [],
  expression: '(?i)(?:^|\\x00)[^=\\x00]*(?:KEY|AUTH|TOKEN|PASSW|PASSPHR|_PASS|SECRET|CREDENT|PWD)[^=\\x00]*=([^\\x00]+)',
}

/** Of the options of mounts alone, where NUL stands for a comma. */
export const MOUNT_PATTERN: SecretPattern = {
  name: 'mount',
  hints: [],
  expression: '(?i)(?:^|\\x00)\\w*(?:pass|password|passwd|secret|token|key)2?=([^\\x00]+)',
}

/** Keys of mount options whose value is a secret. */
export const MOUNT_KEY = /^\w*(?:pass|password|passwd|secret|token|key)2?$/i
