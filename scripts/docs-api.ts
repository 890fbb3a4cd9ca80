// Makes a page of all public docstrings, for reading in a browser: site/api/index.html.
import { join, relative } from 'node:path'
import { Application, type TypeDocOptions } from 'typedoc'
import { entryPoints, publicPackages, root } from './lib/packages.js'

const FOLDER = join(root, 'site/api')

const entries = (await publicPackages()).flatMap(entryPoints)
const options: TypeDocOptions = {
  name: 'Basestore Networker',
  entryPoints: entries.map(({ types }) => types),
  tsconfig: join(root, 'scripts/tsconfig.docs.json'),
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  githubPages: false,
  validation: { invalidLink: true, notExported: false, notDocumented: false },
  logLevel: 'Warn'
}
const app = await Application.bootstrap(options)
const project = await app.convert()
if (!project) process.exit(1)
// TypeDoc names a module after its file, which is in dist.
for (const [index, module] of project.children!.entries()) module.name = entries[index]!.specifier
app.validate(project)
await app.generateDocs(project, FOLDER)
// A warning is a {@link} that leads nowhere.
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1
else console.log(`${entries.length} entry points in ${relative(root, FOLDER)}`)
