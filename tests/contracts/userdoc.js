// Prints the notices that the compiler reads in the contracts' NatSpec, as JSON: node userdoc.js CONTRACT...
'use strict';
const fs = require('fs');
const path = require('path');

const contracts = path.join(__dirname, '..', '..', 'contracts');
const solc = require(path.join(contracts, 'node_modules', 'solc'));

function find(name) {
  for (const place of [path.join(contracts, name), path.join(contracts, 'node_modules', name)]) {
    if (fs.existsSync(place)) return {contents: fs.readFileSync(place, 'utf8')};
  }
  return {error: `not found: ${name}`};
}

const names = process.argv.slice(2);
const sources = Object.fromEntries(
  names.map((name) => [`src/${name}.sol`, {content: find(`src/${name}.sol`).contents}]));
const settings = {outputSelection: {'*': {'*': ['userdoc']}}};
const output = JSON.parse(
  solc.compile(JSON.stringify({language: 'Solidity', sources, settings}), {import: find}));
const problems = (output.errors || []).filter((problem) => problem.severity === 'error');
for (const problem of problems) console.error(problem.formattedMessage);
if (problems.length) process.exit(1);
console.log(JSON.stringify(
  Object.fromEntries(names.map((name) => [name, output.contracts[`src/${name}.sol`][name].userdoc]))));
