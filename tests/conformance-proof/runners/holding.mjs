// The timer that keeps the process was made before any case, so no case can see it.
import fixture from './fixture.mjs'

setInterval(() => {}, 60_000)
export default fixture
