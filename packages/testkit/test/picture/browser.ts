import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The usual places of the browser. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
]

/** The browser must not use the network. As root, as in containers, it starts only without its sandbox. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** @throws Error when there is no browser; it tells how to get one */
export function launch(): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env
  const executablePath = CHROMIUM_PATH ?? PLACES.find(isProgram)
  if (!executablePath) {
    throw new Error(
      'There is no Chromium. Install one, as by `apt-get install chromium`, or say in CHROMIUM_PATH where it is.'
    )
  }
  return chromium.launch({ executablePath, args: FLAGS })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
