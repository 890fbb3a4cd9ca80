import Autobase from 'autobase'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import Hyperdrive from 'hyperdrive'
import { expect, test } from 'vitest'
import { MemoryDisk } from '../src/index.js'
import { collect } from './support/databases.js'

/** A data structure on a Corestore, used as a list that grows. */
interface App {
  add(entry: string): Promise<unknown>
  list(): Promise<string[]>
  close(): Promise<void>
}

const APPS: Record<string, (store: Corestore) => Promise<App>> = {
  async Hyperdrive(store) {
    const drive = new Hyperdrive(store)
    return {
      add: (entry) => drive.put(`/files/${entry}`, Buffer.from(`content of ${entry}`)),
      list: async () => {
        const entries: string[] = []
        for await (const { key } of drive.list('/files')) {
          const entry = key.replace('/files/', '')
          expect(String(await drive.get(key))).toBe(`content of ${entry}`)
          entries.push(entry)
        }
        return entries.sort()
      },
      close: () => drive.close()
    }
  },

  async Hyperbee(store) {
    const bee = new Hyperbee(store.get({ name: 'bee' }), { keyEncoding: 'utf-8', valueEncoding: 'utf-8' })
    return {
      add: (entry) => bee.put(entry, `value of ${entry}`),
      list: async () => {
        const entries = await collect(bee.createReadStream())
        for (const { key, value } of entries) expect(value).toBe(`value of ${key}`)
        return entries.map(({ key }) => key)
      },
      close: () => bee.close()
    }
  },

  async Autobase(store) {
    const base = new Autobase(store, null, {
      valueEncoding: 'utf-8',
      open: (views) => views.get({ name: 'view', valueEncoding: 'utf-8' }),
      apply: async (nodes, view) => {
        for (const { value } of nodes) await view.append(value)
      }
    })
    await base.ready()
    return {
      add: (entry) => base.append(entry),
      list: async () => {
        await base.update()
        return Promise.all(Array.from({ length: base.view.length }, (_, index) => base.view.get(index)))
      },
      close: () => base.close()
    }
  }
}

test.each(Object.keys(APPS))('%s runs on it, and survives crashes', async (name) => {
  const disk = new MemoryDisk()
  let store: Corestore
  const open = (): Promise<App> => {
    store = new Corestore(disk.open(), { primaryKey: Buffer.alloc(32, 1), unsafe: true })
    return APPS[name]!(store)
  }
  const reopenAfter = async (crash: () => void): Promise<App> => {
    crash()
    await store.close()
    return open()
  }

  let app = await open()
  await app.add('1')
  await app.add('2')
  expect(await app.list()).toEqual(['1', '2'])

  app = await reopenAfter(() => disk.crash({ keep: 'written' }))
  expect(await app.list()).toEqual(['1', '2'])
  await app.add('3')
  disk.sync()
  await app.add('4')
  await app.add('5')

  app = await reopenAfter(() => disk.crash({ keep: 'flushed' }))
  expect(await app.list()).toEqual(['1', '2', '3'])
  await app.add('6')
  await app.close()
  await store!.close()

  app = await open()
  expect(await app.list()).toEqual(['1', '2', '3', '6'])
  await app.close()
  await store!.close()
})
