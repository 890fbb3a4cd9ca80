export default {
  test: {
    // Each file would load the networker anew otherwise: two thirds of the CPU time of all files.
    isolate: false,
    // Milliseconds. Only a hang takes this long, also on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
}
