// What keeps the process is seen by no case: it was there before.
import fixture from './fixture.mjs'

setInterval(() => {}, 60_000)
export default fixture
