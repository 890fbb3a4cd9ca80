// A default export, but no fixture.
export default { timeout: 1_000 }
