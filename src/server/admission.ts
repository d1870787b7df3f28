/** Who may talk to the server: the printed token once, then the cookie it was exchanged for. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const cookieName = 'headwise'

export class Admission {
  readonly token = randomBytes(24).toString('base64url')
  /** set once the server listens */
  port = 0
  readonly #secret = randomBytes(24).toString('base64url')
  #isTokenUsed = false

  /** @returns the Set-Cookie header, or undefined when the token is wrong or was used */
  exchange(token: string): string | undefined {
    if (this.#isTokenUsed || !isEqual(token, this.token)) return undefined
    this.#isTokenUsed = true
    return `${this.#cookieName}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/`
  }

  hasCookie(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
    return cookies.some((cookie) => isEqual(cookie, `${this.#cookieName}=${this.#secret}`))
  }

  /** Another name that leads to this address is not ours: that is how DNS rebinding comes in. */
  isOwnHost(request: IncomingMessage): boolean {
    return this.#hosts().includes(request.headers.host ?? '')
  }

  admitsSocket(request: IncomingMessage): boolean {
    const origins = this.#hosts().map((host) => `http://${host}`)
    return this.isOwnHost(request) && origins.includes(request.headers.origin ?? '') && this.hasCookie(request)
  }

  /** Cookies do not know ports, so two servers on one machine need two names. */
  get #cookieName(): string {
    return `${cookieName}-${this.port}`
  }

  #hosts(): string[] {
    return [`127.0.0.1:${this.port}`, `localhost:${this.port}`]
  }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
