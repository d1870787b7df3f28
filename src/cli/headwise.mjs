#!/usr/bin/env node
// The first file of the command: looks at Node's version before anything is loaded that an old one cannot run.
const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `headwise: Node 24 or newer is needed; this is ${process.versions.node}. "npm run headwise -- ..." in the project's folder brings its own.\n`,
  )
  process.exitCode = 1
} else {
  await import('./main.ts')
}
