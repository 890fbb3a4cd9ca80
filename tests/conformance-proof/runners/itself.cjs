// A transport instead of a fixture, exported both as ES modules and as CommonJS expect it: as its own default.
module.exports = function transport() {}
module.exports.default = module.exports
