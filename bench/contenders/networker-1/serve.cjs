// Answers the process that started this one, as harness/serve.ts does.
module.exports = function serve(handlers) {
  process.on('message', async ({ id, name, args }) => {
    try {
      if (!handlers[name]) throw new Error(`1.x has no ${name}; it has ${Object.keys(handlers).join(', ')}`)
      process.send({ id, result: await handlers[name](...args) })
    } catch (error) {
      process.send({ id, error: error.stack || String(error) })
    }
  })
  process.once('disconnect', () => process.exit())
}
