// The public face of each package, one file a package, so that a review sees each change of it.
//
//   pnpm api            writes etc/api
//   pnpm api --check    fails when etc/api is not what would be written
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import ts from 'typescript'
import {
  type EntryPoint,
  entryPoints,
  type Package,
  publicPackages,
  root,
  shortName,
  withTempDir
} from './lib/packages.js'

const FOLDER = join(root, 'etc/api')

const isCheck = process.argv.includes('--check')
const packages = await publicPackages()
const reports = new Map<string, string>()
for (const pkg of packages) reports.set(`${shortName(pkg.manifest.name)}.api.md`, await report(pkg))
const existing = await readdir(FOLDER).catch((): string[] => [])
const surplus = existing.filter((file) => !reports.has(file))
if (isCheck) await check()
else await write()

async function write(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  for (const [file, text] of reports) await writeFile(join(FOLDER, file), text)
  for (const file of surplus) await rm(join(FOLDER, file))
  console.log(`${reports.size} reports in ${relative(root, FOLDER)}`)
}

async function check(): Promise<void> {
  const changed = [...surplus]
  for (const [file, text] of reports) {
    const committed = existing.includes(file) ? await readFile(join(FOLDER, file), 'utf8') : ''
    if (committed !== text) changed.push(file)
  }
  if (changed.length === 0) return console.log(`${reports.size} reports, none differs`)
  const files = changed.map((file) => relative(root, join(FOLDER, file)))
  console.log(`${files.join(', ')}: the public face changed. Run "pnpm api" and commit the difference`)
  process.exitCode = 1
}

async function report(pkg: Package): Promise<string> {
  const sections: string[] = []
  for (const entry of entryPoints(pkg)) {
    sections.push(`## ${entry.specifier}\n\n\`\`\`ts\n${await declarations(pkg, entry)}\n\`\`\`\n`)
  }
  const { name } = pkg.manifest
  return `# Public face of ${name}\n\nWritten by \`pnpm api\`. Do not edit it.\n\n${sections.join('\n')}`
}

function declarations({ dir }: Package, { specifier, types }: EntryPoint): Promise<string> {
  return withTempDir(async (temp) => {
    const errors: string[] = []
    const { succeeded } = Extractor.invoke(configuration(dir, types, temp), {
      localBuild: true,
      messageCallback: (message) => {
        message.handled = true
        if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.formatMessageWithLocation(root))
      }
    })
    if (!succeeded) throw new Error(`${specifier}: ${errors.join('\n')}`)
    const text = await readFile(join(temp, 'report.api.md'), 'utf8')
    const report = /```ts\n([\s\S]*?)\n```/.exec(text)![1]!
    return report.replace('// (No @packageDocumentation comment for this package)', '').trim()
  })
}

function configuration(dir: string, types: string, temp: string): ExtractorConfig {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(dir, 'package.json'),
    configObject: {
      projectFolder: dir,
      newlineKind: 'lf',
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { ...config, files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: 'report',
        reportFolder: temp,
        reportTempFolder: join(temp, 'new'),
        // What users meet without being able to name it.
        includeForgottenExports: true
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } }
      }
    }
  })
}
