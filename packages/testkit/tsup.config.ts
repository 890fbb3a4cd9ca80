import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'
import base from '../../tsup.base.js'

const library = { index: 'src/index.ts', simulation: 'src/simulation/index.ts' }
// The picture is for the command, and for the test in a browser.
const modules = { ...library, picture: 'src/picture/index.ts' }
const commands = { 'basestore-sim': 'src/commands/sim.ts' }
const PAGE = fileURLToPath(new URL('src/picture/page', import.meta.url))

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** Makes src/picture/page/bundle.js, as which the Node part imports the page's script, style and markup. */
const picturePage: Plugin = {
  name: 'picture-page',
  setup({ onResolve, onLoad, esbuild }) {
    // Under the name of its declarations, so that source maps name a file that exists.
    onResolve({ filter: /\/page\/bundle\.js$/ }, () => ({ path: join(PAGE, 'bundle.d.ts') }))
    onLoad({ filter: /page.bundle\.d\.ts$/ }, async () => {
      const { outputFiles, metafile } = await esbuild.build({
        entryPoints: [join(PAGE, 'main.ts'), join(PAGE, 'style.css')],
        outdir: 'page',
        bundle: true,
        write: false,
        metafile: true,
        minify: true,
        legalComments: 'none',
        platform: 'browser',
        format: 'esm',
        target: 'es2022'
      })
      const [script, style] = ['.js', '.css'].map(
        (end) => outputFiles.find(({ path }) => path.endsWith(end))!.text
      )
      const markup = await readFile(join(PAGE, 'index.html'), 'utf8')
      const licences = await licencesOf(Object.keys(metafile.inputs))
      const parts = { markup, script: `/*!\n${licences}\n*/\n${script}`, style }
      const lines = Object.entries(parts).map(
        ([name, text]) => `export const ${name} = ${JSON.stringify(text)}`
      )
      return { contents: lines.join('\n'), loader: 'js' }
    })
  }
}

/** Of the libraries within the page, which their licences ask to be with every copy. */
async function licencesOf(files: readonly string[]): Promise<string> {
  const names = files
    .map((file) => /.*node_modules\/((@[^/]+\/)?[^/]+)\//.exec(file))
    .filter((match) => match !== null)
  const folders = new Map(names.map(([folder, name]) => [name, folder]))
  const byText = new Map<string, string[]>()
  for (const [name, folder] of [...folders].sort()) {
    const text = (await readFile(join(folder, 'LICENSE'), 'utf8')).trim()
    byText.set(text, [...(byText.get(text) ?? []), name!])
  }
  return [...byText].map(([text, users]) => `${users.join(', ')}:\n${text}`).join('\n\n')
}

export default {
  ...base,
  entry: { ...modules, ...commands },
  dts: { entry: library },
  esbuildPlugins: [picturePage],
  // The commands are ES modules: nobody requires them.
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.entryPoints = modules
  }
} satisfies typeof base
