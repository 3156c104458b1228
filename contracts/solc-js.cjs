#!/usr/bin/env node
// Lets forge use the pinned wasm compiler: answers --version, else reads standard JSON and writes the answer.
'use strict';
const solc = require('solc');

if (process.argv.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else {
  process.stdout.write(solc.compile(require('fs').readFileSync(0, 'utf8')));
}
