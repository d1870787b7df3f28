/**
 * The content security policy of the page, the same in both shells: scripts and styles from the page's own files alone.
 *
 * The splitter of the component library changes the pointer while a handle is dragged, with a style element of one
 * rule; the hashes are those of the rules that it can write, and of the empty element that it begins with.
 */
const cursors = ['ew-resize', 'e-resize', 'w-resize', 'ns-resize', 'n-resize', 's-resize']

/** The content of the style elements that are allowed; a test compares their hashes with `styleHashes`. */
export const allowedStyles = ['', ...cursors.map((cursor) => `*{cursor: ${cursor}!important;}`)]

/** SHA-256 of `allowedStyles`, in their order. */
export const styleHashes = [
  '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  'ejxaNqI9HE4qAX7B2hAfln6pnS37ktMxKSd3kZCKrvU=',
  'XvJ01jaWVHkBTx63VEEV8Mmbn7pi9cbgzXIyweci36Q=',
  '3E7V3vrrCp0FIalfwVOrEiZQA9GXrPxylQSBapcdnoM=',
  'wUEtAaaVdYbl2wBKc7ZXQJ+ZY0hLP1JUfj5VzM8WQJ4=',
  'xWWdZhbIKroFvyKpADxJwHlQTxeDyH03GJQEs0FTvdQ=',
  'qRk/VfuUuXoKA7au6vyYM5V1nEMVy+UkEZk7KDa2ov0=',
]

export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${styleHashes.map((hash) => `'sha256-${hash}'`).join(' ')}`,
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
