// Most of a test's time is waiting for the network, so more files than cores can run.
export default { test: { maxWorkers: 4 } }
