// A server that uses Protomux plainly. It has error listeners, and Protomux decodes its messages.
import { createServer } from 'node:net'
import SecretStream from '@hyperswarm/secret-stream'
import c from 'compact-encoding'
import Protomux from 'protomux'

const MESSAGES = {
  json: [{ encoding: c.json, onmessage() {} }],
  any: [{ encoding: c.any, onmessage() {} }],
  handler: [{ encoding: c.json, onmessage: (message) => message.user.name.length }],
  none: null
}

const messages = MESSAGES[process.argv[2]]

const server = createServer((socket) => {
  socket.on('error', () => {})
  const stream = new SecretStream(false, socket)
  stream.on('error', () => {})
  stream.on('close', () => {
    console.log('survived')
    // Errors that were still to be thrown have been thrown by then.
    setImmediate(() => process.exit(0))
  })

  const mux = Protomux.from(stream)
  if (messages) mux.createChannel({ protocol: 'victim', messages }).open()
})

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
