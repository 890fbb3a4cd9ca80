import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { PictureData } from './data.js'
import { pack } from './pack.js'
import { markup, script, style } from './page/bundle.js'

/** The picture as one page. It opens from a file and loads nothing from the network. */
export function render(data: PictureData): string {
  const { name, seed, ok } = data.report
  const packed = gzipSync(pack(data)).toString('base64')
  // No text of a trace can run as a script or load an image, even if it looks like markup.
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${toText(`${ok ? 'ok' : 'failed'}: ${name}, seed ${seed}`)}</title>
<style>${style}</style>
</head>
<body>
${markup}
<script type="application/octet-stream" id="data">${packed}</script>
<script type="module">${script}</script>
</body>
</html>
`
}

function hash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`
}

function toText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
