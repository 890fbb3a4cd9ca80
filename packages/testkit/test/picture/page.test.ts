import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as Picture from '../../src/picture/index.js'
import type { PictureSource } from '../../src/picture/index.js'
import { launch } from './browser.js'
import { crowd } from './crowd.js'
import { fivePeers, HOSTILE } from './five-peers.js'
import { realTrace } from './real-trace.js'
import { report } from './reports.js'

// This runs the built package, since the build bundles the page's script: build first.
const BUILT = new URL('../../dist/picture.js', import.meta.url)
const RESULTS = fileURLToPath(new URL('../../test-results', import.meta.url))
const WIDE = { width: 1_280, height: 1_000 }
const NARROW = { width: 390, height: 800 }
/** Milliseconds. Starting Chromium and drawing 1,000 peers takes long on a busy machine. */
const PATIENCE = 120_000

let browser: Browser
let folder: string
const files = new Map<string, string>()

beforeAll(async () => {
  const { writePicture } = (await import(BUILT.href)) as typeof Picture
  folder = await mkdtemp(join(tmpdir(), 'basestore-picture-'))
  await mkdir(RESULTS, { recursive: true })
  const empty: PictureSource = { report: report({ name: 'nothing', virtualTime: 0 }), events: [] }
  for (const [name, source] of Object.entries({
    empty,
    five: fivePeers(),
    crowd: crowd(),
    real: await realTrace()
  })) {
    const path = join(folder, `${name}.html`)
    await writePicture(path, source)
    files.set(name, path)
  }
  browser = await launch()
}, PATIENCE)

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Given extends BrowserContextOptions {
  readonly file: 'empty' | 'five' | 'crowd' | 'real'
}

/** Opens a picture, and expects that the page reports no error and loads nothing from a network. */
async function open(
  { file, ...given }: Given,
  use: (page: Page, troubles: string[]) => Promise<void>
): Promise<void> {
  const context = await browser.newContext({ viewport: WIDE, ...given })
  const troubles: string[] = []
  const asked: string[] = []
  try {
    const page = await context.newPage()
    page.on('console', (message) => troubles.push(message.text()))
    page.on('pageerror', (error) => troubles.push(String(error.stack)))
    page.on('request', (request) => asked.push(request.url()))
    const url = pathToFileURL(files.get(file)!).href
    await page.goto(url)
    await page.waitForSelector('body.ready', { state: 'attached' })
    await use(page, troubles)
    expect(troubles).toEqual([])
    expect(asked).toEqual([url])
  } finally {
    await context.close()
  }
}

const slideTo = (page: Page, time: number) => page.locator('#time').fill(String(time))
const moment = (page: Page, text: string) =>
  page.locator('#moment').getByText(text, { exact: true }).waitFor()
const seconds = async (page: Page) => Number.parseFloat((await page.textContent('#moment'))!)

describe('the page', { timeout: PATIENCE }, () => {
  test('says what came of the run, and how to repeat it', () =>
    open({ file: 'five' }, async (page) => {
      expect(await page.textContent('#verdict')).toBe('✗ failed')
      expect(await page.textContent('#facts')).toMatch(/Seed7.*Virtual time1:00\.000.*Peers5/)
      expect(await page.textContent('#command')).toBe('npx basestore-sim run five-peers.mjs --seed 7')
      expect(await page.textContent('#failures')).toContain('bob has 39 of 40 blocks')
      await page.getByRole('button', { name: 'at 52.346 s' }).click()
      await moment(page, '52.346 s')
    }))

  test('shows peers and links at the moment that the slider is moved to', () =>
    open({ file: 'five' }, async (page) => {
      const now = page.locator('#peers-now')
      await slideTo(page, 5_040)
      await moment(page, '5.040 s')
      expect(await now.textContent()).toMatch(/5 running\s*10 links open/)
      const before = await page.locator('#graph').screenshot()
      await slideTo(page, 13_020)
      await page.getByText('6 links open').waitFor()
      expect(await now.textContent()).toMatch(/4 running\s*1 crashed\s*6 links open/)
      expect(await page.locator('#graph').screenshot()).not.toEqual(before)
      expect(await page.textContent('#faults-now')).toBe('5 in all, 1 at the moment: crashes dave')
    }))

  test('marks a frame that was lost', () =>
    open({ file: 'five' }, async (page) => {
      expect(await page.textContent('#facts')).toMatch(/Frames lost1/)
      await page.selectOption('#peer-a', { label: 'bob' })
      await page.selectOption('#peer-b', { label: 'carol' })
      await slideTo(page, 59_460)
      await page.getByText(/^\d+ frames, 1 of them lost, between .* of [\d,]+ in all\.$/).waitFor()
      await page.getByText('These frames as a table').click()
      const row = page.locator('#frame-table tbody tr', { hasText: 'lost' })
      await row.waitFor()
      expect(await row.textContent()).toMatch(/^bobcarol59\.4\d+ slost 59\.\d+ s/)
    }))

  test('is of use with the keyboard alone', () =>
    open({ file: 'five' }, async (page) => {
      await page.locator('#time').focus()
      const start = await seconds(page)
      await page.keyboard.press('ArrowRight')
      await expect.poll(() => seconds(page)).toBeGreaterThan(start)
      await page.keyboard.press('Home')
      await moment(page, '0.000 ms')
      await page.keyboard.press('Shift+Tab')
      expect(await page.evaluate('document.activeElement.id')).toBe('mark-after')
      await page.keyboard.press('Enter')
      await moment(page, '1.900 s')
      await page.locator('#peer-a').focus()
      await page.keyboard.type('dav')
      await page.locator('#chosen-now th:nth-child(2)', { hasText: /^dave$/ }).waitFor()
    }))

  test('plays, and stops', () =>
    open({ file: 'five' }, async (page) => {
      const start = await seconds(page)
      await page.getByRole('button', { name: 'Play', exact: true }).click()
      await expect.poll(() => seconds(page), { timeout: PATIENCE }).toBeGreaterThan(start + 0.5)
      await page.getByRole('button', { name: 'Pause', exact: true }).click()
      expect(await page.getByRole('button', { name: 'Play', exact: true }).count()).toBe(1)
    }))

  test('draws the frames between two peers that are chosen, and the bytes of their link', () =>
    open({ file: 'five' }, async (page) => {
      await page.selectOption('#peer-a', { label: 'bob' })
      await page.selectOption('#peer-b', { label: 'carol' })
      await page.getByText(/^bob – carol, bytes in each/).waitFor()
      const diagram = page.locator('#frames')
      const before = await diagram.screenshot()
      await slideTo(page, 34_980)
      await moment(page, '34.980 s')
      expect(await page.textContent('#frames-now')).toMatch(/^\d+ frames between .* of \d+ in all\.$/)
      expect(await diagram.screenshot()).not.toEqual(before)
      await page.getByText('These frames as a table').click()
      const row = page.locator('#frame-table tbody tr').first()
      await row.waitFor()
      expect(await row.textContent()).toMatch(/^(bobcarol|carolbob)\d/)
      await page.getByRole('button', { name: 'Next frame' }).click()
      await page.locator('#moment', { hasNotText: '34.980 s' }).waitFor()
    }))

  test('chooses the peer that is clicked, in the graph and in the table of links', () =>
    open({ file: 'five' }, async (page) => {
      await page.getByRole('button', { name: 'bob – dave' }).click()
      await page.getByText(/^bob – dave, bytes in each/).waitFor()
      await page.evaluate('scrollTo(0, 0)')
      const { x, y, width } = (await page.locator('#graph').boundingBox())!
      // The topmost peer is 30 pixels below the edge, wherever that is along it.
      const pointed = page.locator('#graph.pointed')
      for (let right = 0; right < width && (await pointed.count()) === 0; right += 10) {
        await page.mouse.move(x + right, y + 30)
      }
      await page.mouse.down()
      await page.mouse.up()
      await page.getByText(/^dave – carol, bytes in each/).waitFor()
    }))

  test('takes nothing that the trace says for markup', () =>
    open({ file: 'five' }, async (page) => {
      expect(await page.title()).toBe('failed: five peers & a <b>partition</b></title>, seed 7')
      expect(await page.textContent('#name')).toBe('five peers & a <b>partition</b></title>')
      await page.selectOption('#peer-b', { label: HOSTILE })
      await page.locator('#heat').hover({ position: { x: 200, y: 10 } })
      expect(await page.textContent('#heat-at')).toContain(HOSTILE)
      expect(await page.locator('img, main script, header b').count()).toBe(0)
      expect(await page.evaluate('"attacked" in window')).toBe(false)
    }))

  test('would not run a script of a trace even if it were markup', () =>
    open({ file: 'five' }, async (page, troubles) => {
      const refused = page.waitForEvent('console')
      const trap = '<button onclick="window.attacked = 1"></button>'
      await page.evaluate(`document.getElementById('name').innerHTML = ${JSON.stringify(trap)}`)
      await page.evaluate('document.querySelector("#name button").click()')
      await refused
      expect(await page.evaluate('"attacked" in window')).toBe(false)
      expect(troubles.splice(0).join()).toMatch(/Content Security Policy/)
    }))

  test('shows 1,000 peers with 300,000 frames, and follows the slider', () =>
    open({ file: 'crowd' }, async (page) => {
      expect(await page.locator('#peers-now').textContent()).toMatch(/1,000 running/)
      await slideTo(page, 30_000)
      await moment(page, '30.000 s')
      await page.selectOption('#peer-a', { label: 'peer-500' })
      await page.selectOption('#peer-b', { label: 'peer-501' })
      await page.getByText(/^peer-500 – peer-501/).waitFor()
      expect(await page.textContent('#frames-now')).toMatch(/frames between|never linked/)
      await page.selectOption('#order', 'complete')
      await page.screenshot({ path: join(RESULTS, 'picture-1000.png'), fullPage: true })
    }))

  test('shows a trace of the memory network', () =>
    open({ file: 'real' }, async (page) => {
      expect(await page.locator('#peers-now').textContent()).toMatch(/2 running/)
      expect(await page.textContent('#faults-now')).toMatch(/^1 in all/)
      expect(await page.textContent('#frames-now')).toMatch(/^\d+ frames?, 1 of them lost, between/)
    }))

  test('opens without a single event', () =>
    open({ file: 'empty' }, async (page) => {
      expect(await page.textContent('#verdict')).toBe('✓ ok')
      expect(await page.textContent('#faults-now')).toBe('The trace has no faults.')
    }))

  test.each([
    ['five', NARROW],
    ['crowd', NARROW],
    ['five', { width: 1_000, height: 800 }]
  ] as const)('never asks to be scrolled sideways: %s at %j', (file, viewport) =>
    open({ file, viewport }, async (page) => {
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0)
    })
  )

  test('is light and dark as the system is, and is kept as a screenshot', () =>
    open({ file: 'five' }, async (page) => {
      const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
      await slideTo(page, 13_020)
      await page.getByText('6 links open').waitFor()
      await page.screenshot({ path: join(RESULTS, 'picture.png'), fullPage: true })
      const light = await background()
      const drawing = () => page.evaluate('document.getElementById("graph").toDataURL()')
      const drawn = await drawing()
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await background()).not.toBe(light)
      await expect.poll(drawing).not.toBe(drawn)
      await page.screenshot({ path: join(RESULTS, 'picture-dark.png'), fullPage: true })
    }))
})

test('the CommonJS build writes the same page', async () => {
  const require = createRequire(import.meta.url)
  const { renderPicture } = require('../../dist/picture.cjs') as typeof Picture
  expect(await renderPicture(fivePeers())).toBe(await readFile(files.get('five')!, 'utf8'))
})
