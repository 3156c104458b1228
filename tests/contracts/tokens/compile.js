// Compiles one contract for tests and prints its creation code: node compile.js SOURCE.sol, beside node_modules.
'use strict';
const fs = require('fs');
const path = require('path');
const modules = path.join(__dirname, '../../../contracts/node_modules');
const solc = require(path.join(modules, 'solc'));

const name = path.basename(process.argv[2], '.sol');
const input = {
  language: 'Solidity',
  sources: {main: {content: fs.readFileSync(process.argv[2], 'utf8')}},
  settings: {evmVersion: 'cancun', outputSelection: {main: {[name]: ['evm.bytecode.object']}}},
};
const find = (file) => ({contents: fs.readFileSync(path.join(modules, file), 'utf8')});
const output = JSON.parse(solc.compile(JSON.stringify(input), {import: find}));
for (const problem of output.errors || []) {
  console.error(problem.formattedMessage);
  process.exitCode = 1;
}
if (!process.exitCode) process.stdout.write(output.contracts.main[name].evm.bytecode.object);
