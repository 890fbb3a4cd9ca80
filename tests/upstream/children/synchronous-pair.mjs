// Both ends of a secret-stream over Node's duplexPair(), which delivers within write().
import { duplexPair } from 'node:stream'
import SecretStream from '@hyperswarm/secret-stream'

const [near, far] = duplexPair()
const responder = new SecretStream(false, far)
const initiator = new SecretStream(true, near)
for (const stream of [initiator, responder]) stream.on('error', () => {})

const opened = await Promise.all([initiator.opened, responder.opened])
console.log(opened.every(Boolean) ? 'opened' : 'did not open')
process.exit(0)
