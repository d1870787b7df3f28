/** What every answer to the page says of what it may do and load. */
import { pagePolicy } from './page-policy.ts'

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Pages and answers are asked for anew each time. */
export const uncached: Readonly<Record<string, string>> = { 'cache-control': 'no-store' }

/** A picture's address names the workspace's file and the image's id, so it is the same picture for a day. */
export const imageHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  'content-type': 'image/webp',
  'cache-control': 'private, max-age=86400',
}
