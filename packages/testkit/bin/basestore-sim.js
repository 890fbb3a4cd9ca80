#!/usr/bin/env node
import '../dist/basestore-sim.js'
