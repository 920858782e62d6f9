// A mail server by RFC 5321 without TLS, as far as a client needs it: keeps each mail unchanged, and answers as the test has set.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A mail that came. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly data: string
}

/** The server. */
export class SmtpDouble {
  readonly mails: ReceivedMail[] = []
  /** Answer to the end of a mail. */
  dataAnswer = '250 taken'
  /** Answer to a recipient. */
  recipientAnswer: (to: string) => string = () => '250 ok'
  readonly #server: Server = createServer((socket) => this.#talk(socket))

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answerTo(recipient: string, taken: string[]): string {
    const answer = this.recipientAnswer(recipient)
    if (answer.startsWith('2')) taken.push(recipient)
    return answer
  }

  #talk(socket: Socket): void {
    let [text, from, isData] = ['', '', false]
    let to: string[] = []
    const answers: readonly (readonly [RegExp, (line: string) => string])[] = [
      [/^EHLO/i, () => '250-test\r\n250 8BITMIME'],
      [/^MAIL FROM:/i, (line) => ((from = line.slice(10)), '250 ok')],
      [/^RCPT TO:/i, (line) => this.#answerTo(line.slice(8), to)],
      [/^DATA$/i, () => ((isData = true), '354 go on')],
      [/^QUIT/i, () => '221 bye'],
    ]
    socket.setEncoding('utf8')
    socket.on('error', () => undefined)
    socket.write('220 test\r\n')
    socket.on('data', (chunk: string) => {
      text += chunk
      for (;;) {
        const end = text.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const part = text.slice(0, end)
        text = text.slice(end + (isData ? 5 : 2))
        if (isData) {
          this.mails.push({ from, to, data: part.replace(/^\.\./gm, '.') })
          isData = false
          to = []
          socket.write(`${this.dataAnswer}\r\n`)
        } else socket.write(`${answers.find(([pattern]) => pattern.test(part))?.[1](part) ?? '502 not known'}\r\n`)
      }
    })
  }
}
