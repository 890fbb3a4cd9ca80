// Fails before it exports anything.
const options = undefined

export default { timeout: options.timeout }
